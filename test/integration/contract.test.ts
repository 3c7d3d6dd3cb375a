// Code, action.yml, README and dist/ of each action say the same.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isJavaScript, readActionFile } from '../../scripts/generate/action-file.ts';
import { publicContract } from '../support/public-contract.ts';
import { codeOf, ROOT, type SourceFile, sourceFiles } from '../support/source-tree.ts';

const folders = readdirSync(join(ROOT, 'actions')).sort();
const tests = sourceFiles('test').filter(({ path }) => path.endsWith('.test.ts'));

describe.each(folders)('the action %s', (name) => {
  const action = readActionFile(ROOT, name);

  it('keeps the public contract', () => {
    const contract = publicContract[name];
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining([...(contract?.inputs ?? [])]));
    expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining([...(contract?.outputs ?? [])]));
  });

  it('presents itself', () => {
    expect(action).toMatchObject({ author: 'Launch', branding: { icon: expect.any(String) } });
    expect(readFileSync(join(ROOT, 'actions', name, 'README.md'), 'utf8')).toContain(
      `uses: org/launch/actions/${name}@v1`,
    );
  });

  it('asks for no input that it has a default for, and says what each is', () => {
    for (const [input, { required, default: fallback, description }] of Object.entries(action.inputs)) {
      expect([input, required === true && fallback !== undefined]).toEqual([input, false]);
      expect([input, description.trim()]).not.toEqual([input, '']);
    }
  });

  it('has a test', () => {
    expect(tests.filter(({ text }) => text.includes(`'${name}'`)).map(({ path }) => path)).not.toEqual([]);
  });

  if (isJavaScript(action)) describeProgram(name);
  else {
    it('uses each of its inputs, and no other', () => {
      const text = readFileSync(join(ROOT, 'actions', name, 'action.yml'), 'utf8');
      const used = Array.from(text.matchAll(/\binputs\.([\w-]+)/g), ([, input]) => input);
      expect([...new Set(used)].sort()).toEqual(Object.keys(action.inputs).sort());
    });

    it('gives each of its outputs a value', () => {
      expect(Object.entries(action.outputs).filter(([, { value }]) => value === undefined)).toEqual([]);
    });
  }
});

function describeProgram(name: string): void {
  const action = readActionFile(ROOT, name);
  const room = () => sourceFiles(`src/actions/${name}`);

  it('runs on Node 24, from a file of dist/', () => {
    expect(action.runs.using).toBe('node24');
    for (const program of [action.runs.main, action.runs.pre, action.runs.post]) {
      if (program === undefined) continue;
      const path = resolve(ROOT, 'actions', name, program);
      expect([relative(ROOT, path).split('/')[0], existsSync(path)]).toEqual(['dist', true]);
    }
  });

  it('reads exactly the inputs of action.yml, by literal names', () => {
    const files = room();
    expect(files.flatMap(inputsNamedOtherwise)).toEqual([]);
    expect([...new Set(files.flatMap(inputsRead))].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  it('writes exactly the outputs of action.yml', async () => {
    const entry: unknown = await import(join(ROOT, `src/actions/${name}/index.ts`));
    expect(entry).toMatchObject({ main: expect.any(Function) });
    expect(entry).toMatchObject({ outputNames: Object.keys(action.outputs) });
    expect(room().some((file) => /\bwriteOutputs\(\s*outputNames\b/.test(codeOf(file)))).toBe(true);
  });

  it('is one that dist/ can start', () => {
    expect(readFileSync(join(ROOT, 'src/actions/main.ts'), 'utf8')).toContain(`./${name}/index.ts`);
  });
}

/** The first arguments of `inputs.text('…')` and its like. */
function inputsRead(file: SourceFile): string[] {
  return Array.from(codeOf(file).matchAll(/\binputs\s*\.\s*\w+\(\s*'([^']+)'/g), ([, input = '']) => input);
}

function inputsNamedOtherwise(file: SourceFile): string[] {
  return Array.from(codeOf(file).matchAll(/\binputs\s*\.\s*\w+\(\s*(?!\s*')[^)]*\)/g), ([call]) => call);
}
