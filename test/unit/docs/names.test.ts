// What documents call by name exists: error codes, variables, settings, programs of this repository.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { instanceFileDocs, launchFileDocs, serviceFileDocs } from '../../../scripts/generate/config-docs.ts';
import { program } from '../../../src/cli/main.ts';
import { errorCodes } from '../../../src/core/errors.ts';
import { type Document, documentPaths, readDocument } from '../../support/documents/document.ts';
import { ROOT } from '../../support/source-tree.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Those of the StackScript, which has its own. */
const stackscriptCodes = Array.from(
  read('stackscripts/ai-sandbox.sh').matchAll(/\bfail ([A-Z][A-Z_]+) /g),
  ([, code = '']) => code,
);

/** How the names of codes end. */
const codeLike =
  /^[A-Z_]+_(INVALID|NOT_FOUND|UNKNOWN|UNAVAILABLE|FAILED|MISSING|HELD|EVENT|IN_USE|FULL|AUTH|ERROR)$/;

const sources = ['src/**/*.ts', 'scripts/**/*', 'stackscripts/*.sh', 'bench/*.ts', '.github/workflows/*.yml']
  .flatMap((glob) => globSync(glob, { cwd: ROOT, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  .join('\n');

const settings = [launchFileDocs, serviceFileDocs, instanceFileDocs].flatMap((it) => Object.keys(it));

describe.each(documentPaths)('%s', (path) => {
  const document = readDocument(path);

  it('names error codes that there are', () => {
    const named = document.code.map(({ text }) => text).filter((text) => codeLike.test(text));
    expect(named.filter((code) => ![...errorCodes, ...stackscriptCodes].includes(code))).toEqual([]);
  });

  it('names variables of Launch that something reads or sets', () => {
    const named = [...new Set(document.text.match(/\bLAUNCH_[A-Z_]+\b/g))];
    expect(named.filter((name) => !sources.includes(name))).toEqual([]);
  });

  it('has tables of settings that there are', () => {
    expect(keysInTables(document).filter((key) => !isSetting(key))).toEqual([]);
  });

  it('names files of this repository that there are', () => {
    const named = document.code
      .map(({ text }) => text)
      .filter((text) =>
        /^(docs|scripts|src|workflows|stackscripts|schemas|test|bench)\/[\w./-]+$/.test(text),
      );
    expect(
      named.filter((file) =>
        [ROOT, join(ROOT, dirname(path))].every((cwd) => globSync(file, { cwd }).length === 0),
      ),
    ).toEqual([]);
  });
});

/** What stands in the first column of tables that call it `key`. */
function keysInTables({ text }: Document): string[] {
  return text.split(/\n{2,}/).flatMap((part) => {
    if (!/^\| *key *\|/.test(part)) return [];
    const rows = part.split('\n').slice(2);
    return rows.flatMap((row) =>
      Array.from((row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g), ([, key = '']) => key),
    );
  });
}

function isSetting(key: string): boolean {
  const plain = key.replace(/:.*$/s, '').trim();
  return settings.some((it) => it === plain || it.split(/[.[]/)[0] === plain || it === `targets.*.${plain}`);
}

it('the README lists every command', () => {
  const listed = Array.from(read('README.md').matchAll(/^launch ([a-z]+)\b/gm), ([, name = '']) => name);
  // Those with underscores are for programs.
  const names = program()
    .commands.map((command) => command.name())
    .filter((name) => !name.startsWith('_'));
  expect(names.filter((name) => !listed.includes(name))).toEqual([]);
});
