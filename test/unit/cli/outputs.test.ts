import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { outputs, schemaName } from '../../../src/cli/output/outputs.ts';
import { allCommands, wordsOf } from '../../support/command-tree.ts';
import { assertOutput } from '../../support/output-schemas.ts';
import { printedBy } from '../../support/printed-by.ts';
import { ROOT, sourceFiles } from '../../support/source-tree.ts';

const runnable = allCommands().filter((command) => command.commands.length === 0);

describe('the schemas of what is printed with --json', () => {
  it('are there for each command and operation', () => {
    const wanted = runnable.flatMap((command) => {
      const words = wordsOf(command).replace(/^launch /, '');
      const [first] = command.registeredArguments;
      const operations = first?.name() === 'operation' ? (first.argChoices ?? []) : [''];
      return operations.map((operation) => `${words} ${operation}`.trim());
    });
    expect(wanted.length).toBeGreaterThan(25);
    const plain = Object.keys(outputs).map((command) => command.replace(/ --.*$/, ''));
    expect([...new Set(plain)].sort()).toEqual(wanted.sort());
  });

  it('name options that the command has', () => {
    const wrong = Object.keys(outputs).filter((words) => {
      const [name = '', ...more] = words.split(' ');
      const command = runnable.find((it) => it.name() === name);
      const options = command?.options.map(({ long }) => long) ?? [];
      return more.some((word) => word.startsWith('--') && !options.includes(word));
    });
    expect(wrong).toEqual([]);
  });

  it('are published, and nothing else is', () => {
    const wanted = [...Object.keys(outputs).map(schemaName), 'error'].map((name) => `${name}.schema.json`);
    expect(readdirSync(join(ROOT, 'schemas/output')).sort()).toEqual(wanted.sort());
  });

  it('have an id and a dialect', () => {
    for (const command of Object.keys(outputs)) {
      const name = schemaName(command);
      const schema: unknown = JSON.parse(
        readFileSync(join(ROOT, `schemas/output/${name}.schema.json`), 'utf8'),
      );
      expect(schema).toMatchObject({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: `urn:launch:output:${name}`,
        title: `launch ${command} --json`,
        description: expect.any(String),
      });
    }
  });

  it('are no part of what ships', () => {
    const loaded = sourceFiles('src')
      .filter(({ path }) => !path.startsWith('src/cli/output/'))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ from, kind }) => from.startsWith('src/cli/output/') && kind !== 'type')
          .map(({ from }) => `${path} imports ${from}`),
      );
    expect(loaded).toEqual([]);
  });

  it('are each held against what a test prints', () => {
    expect(Object.keys(printedBy).sort()).toEqual(Object.keys(outputs).sort());
    expect(Object.values(printedBy).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('are what a command must return, never anything', () => {
    const loose = sourceFiles('src')
      .filter(({ path, text }) => path.startsWith('src/cli/commands/') && /Result<unknown>/.test(text))
      .map(({ path }) => path);
    expect(loose).toEqual([]);
  });
});

describe('the check of what is printed', () => {
  const finding = { subject: 'x', state: 'ok', detail: '', remedy: '' };

  it('takes what fits', () => {
    expect(() =>
      assertOutput(['doctor', '--json'], JSON.stringify({ healthy: true, findings: [finding] })),
    ).not.toThrow();
  });

  it.each([
    ['a key too many', { healthy: true, findings: [], more: 1 }],
    ['a key too many further down', { healthy: true, findings: [{ ...finding, more: 1 }] }],
    ['a key too few', { healthy: true }],
    ['another type', { healthy: 'yes', findings: [] }],
    ['another word', { healthy: true, findings: [{ ...finding, state: 'fine' }] }],
    ['an error that is none', { error: { code: 'NOT_A_CODE', message: '', summary: '', remedy: '' } }],
  ])('refuses %s', (_what, printed) => {
    expect(() => assertOutput(['doctor', '--json'], JSON.stringify(printed))).toThrow('does not fit');
  });

  it('tells the results of one command apart', () => {
    const targets = JSON.stringify({ healthy: true, targets: [], findings: [] });
    expect(() => assertOutput(['doctor', '--json'], targets)).toThrow('doctor.schema.json');
    expect(() => assertOutput(['doctor', '--targets', '--json'], targets)).not.toThrow();
    expect(() => assertOutput(['edge', '--json', 'down'], '{"wasThere":false}')).not.toThrow();
  });

  it('refuses what no schema tells of', () => {
    expect(() => assertOutput(['explode', '--json'], '{}')).toThrow('has no schema');
    expect(() => assertOutput(['edge', 'explode', '--json'], '{}')).toThrow('has no schema');
  });
});
