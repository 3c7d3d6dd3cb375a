import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codeOf, ROOT, type SourceFile, sourceFiles } from '../support/source-tree.ts';

const src = sourceFiles('src');
const services = sourceFiles('services');
const own = [...src, ...sourceFiles('scripts'), ...sourceFiles('test'), ...sourceFiles('bench'), ...services];

/** The folders that files of each folder may import from, besides their own. */
const inward: Readonly<Record<string, readonly string[]>> = {
  core: [],
  adapters: ['core'],
  operations: ['core', 'adapters'],
  // It offers the job log as an operation's reporter, and what it knows of the run.
  runner: ['core', 'adapters', 'operations'],
  actions: ['core', 'adapters', 'operations', 'runner'],
  cli: ['core', 'adapters', 'operations'],
  guardian: ['core', 'adapters', 'operations'],
};

const layerOf = (path: string) => path.split('/')[1] ?? '';

/** Each rule as the list of what breaks it, so that a failure says what and where. */
function offences(files: readonly SourceFile[], find: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => find(file).map((offence) => `${file.path}: ${offence}`));
}

describe('the sources', () => {
  it('are found, and their imports exist', () => {
    expect(src.length).toBeGreaterThan(20);
    expect(src.flatMap((file) => file.imports).length).toBeGreaterThan(src.length);
    expect(
      offences(own, (file) =>
        file.imports
          .filter(({ isFile, from }) => isFile && !existsSync(join(ROOT, from)))
          .map(({ from }) => `imports ${from}, which is not there`),
      ),
    ).toEqual([]);
  });

  it('import inward only', () => {
    expect(
      offences(src, (file) => {
        const layer = layerOf(file.path);
        // Files beside the folders, such as src/version.ts, may be used by all and use none.
        const allowed = layer.endsWith('.ts') ? [] : [layer, ...(inward[layer] ?? [])];
        return file.imports
          .filter(
            ({ isFile, from }) => isFile && /^src\/[^/]+\//.test(from) && !allowed.includes(layerOf(from)),
          )
          .map(({ from }) => `${layer} must not import ${from}`);
      }),
    ).toEqual([]);
  });

  it('leave src only for JSON that is generated', () => {
    expect(
      offences(src, (file) =>
        file.imports
          .filter(({ isFile, from }) => isFile && !from.startsWith('src/') && !from.endsWith('.json'))
          .map(({ from }) => `imports ${from}`),
      ),
    ).toEqual([]);
  });

  it('use packages only where they belong', () => {
    const forCore = [
      'zod/mini',
      'yaml',
      'picomatch',
      'fastest-levenshtein',
      'ipaddr.js',
      'jsonc-parser',
      'smol-toml',
      'node:crypto',
      'node:path/posix',
    ];
    expect(
      offences(src, (file) =>
        file.imports
          .filter(({ isFile, from, kind }) => {
            if (isFile) return false;
            if (layerOf(file.path) === 'core' && !forCore.includes(from)) return kind !== 'type';
            // Its proxy handling; loaded on use, by the one adapter that talks to GitHub.
            if (file.path.startsWith('src/adapters/github/') && from.startsWith('@actions/github')) {
              return kind === 'value';
            }
            return from.startsWith('@actions/') && layerOf(file.path) !== 'runner';
          })
          .map(({ from }) => `${layerOf(file.path)} must not import ${from}`),
      ),
    ).toEqual([]);
  });

  it('read the environment at the edges only', () => {
    expect(
      offences(src, (file) =>
        ['core', 'operations'].includes(layerOf(file.path)) && /\bprocess\.env\b/.test(codeOf(file))
          ? ['reads process.env']
          : [],
      ),
    ).toEqual([]);
    expect(
      offences(src, (file) =>
        ['core', 'adapters', 'operations', 'cli'].includes(layerOf(file.path)) &&
        /process\.env(\.|\[['"])(GITHUB|RUNNER|INPUT|ACTIONS)_(?!API_URL)/.test(codeOf(file))
          ? ["reads the runner's environment"]
          : [],
      ),
    ).toEqual([]);
  });

  it('load what is heavy on use only', () => {
    const heavy = ['@actions/github', '@actions/http-client', 'ajv', 'execa', 'shellcheck', 'undici'];
    const atStart = (entry: string, seen = new Set<string>()): Set<string> => {
      if (seen.has(entry)) return seen;
      seen.add(entry);
      for (const { from, kind } of src.find(({ path }) => path === entry)?.imports ?? []) {
        if (kind === 'value') atStart(from, seen);
      }
      return seen;
    };
    const entries = src
      .map(({ path }) => path)
      .filter((path) => /^src\/(actions\/([^/]+\/index|main)|cli\/(main|commands\/[^/]+))\.ts$/.test(path));
    expect(entries.length).toBeGreaterThan(5);
    expect(
      entries.flatMap((entry) =>
        [...atStart(entry)]
          .filter((from) => heavy.some((name) => from === name || from.startsWith(`${name}/`)))
          .map((name) => `${entry} loads ${name} at its start`),
      ),
    ).toEqual([]);
  });

  it('have no cycles', () => {
    const next = new Map(
      src.map((file) => [
        file.path,
        file.imports.filter(({ isFile, kind }) => isFile && kind !== 'type').map(({ from }) => from),
      ]),
    );
    const done = new Set<string>();
    const walk = (path: string, trail: readonly string[]): string[] => {
      if (trail.includes(path)) return [[...trail.slice(trail.indexOf(path)), path].join(' → ')];
      if (done.has(path)) return [];
      const cycles = (next.get(path) ?? []).flatMap((to) => walk(to, [...trail, path]));
      done.add(path);
      return cycles;
    };
    expect([...next.keys()].flatMap((path) => walk(path, []))).toEqual([]);
  });
});

describe('the workers', () => {
  it('are found', () => expect(services.length).toBeGreaterThan(20));

  it('know no more of each other than types, and nothing of Launch', () => {
    const folderOf = (path: string) => path.split('/').slice(0, 2).join('/');
    expect(
      offences(services, (file) =>
        file.imports
          .filter(({ isFile, from, kind }) => {
            if (!isFile || folderOf(from) === folderOf(file.path)) return false;
            return !from.startsWith('services/') || (kind !== 'type' && folderOf(from) !== 'services/shared');
          })
          .map(({ from }) => `imports ${from}`),
      ),
    ).toEqual([]);
  });
});

describe('every file', () => {
  it('is named for a thing of the domain', () => {
    expect(
      own
        .map(({ path }) => path)
        .filter((path) => /(^|[-/.])(utils?|helpers?|managers?|misc|common)\.ts$/.test(path)),
    ).toEqual([]);
  });

  it('has at most 300 lines, or 450 when it is a list of cases', () => {
    expect(
      offences(own, ({ path, text }) => {
        const lines = text.split('\n').length - 1;
        return lines > (path.endsWith('.test.ts') ? 450 : 300) ? [`${lines} lines`] : [];
      }),
    ).toEqual([]);
  });

  it('exports by name', () => {
    const configurations = ['jest.config.ts'];
    // What workerd calls a worker by.
    const isEntry = (path: string) => /^services\/[^/]+\/src\/index\.ts$/.test(path);
    expect(
      offences(own, (file) =>
        /^export default\b/m.test(file.text) &&
        !configurations.includes(basename(file.path)) &&
        !isEntry(file.path)
          ? ['has a default export']
          : [],
      ),
    ).toEqual([]);
  });

  it('has a test, when it is part of the core', () => {
    const tested = sourceFiles('test').flatMap((test) => test.imports.map(({ from }) => from));
    const reached = new Set<string>();
    const reach = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const { from, isFile, kind } of src.find((file) => file.path === path)?.imports ?? []) {
        if (isFile && kind !== 'type') reach(from);
      }
    };
    for (const path of tested) reach(path);
    expect(
      src
        .filter(({ path, text }) => layerOf(path) === 'core' && /^export (async )?function/m.test(text))
        .map(({ path }) => path)
        .filter((path) => !reached.has(path)),
    ).toEqual([]);
  });
});
