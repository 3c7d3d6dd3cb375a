// What ships: its size, that nothing is in it twice, and how it starts.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { actionNames, isJavaScript, readActionFile } from '../../../scripts/generate/action-file.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24 } from '../../support/tools.ts';

const dist = join(ROOT, 'dist');
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(dist, join(entry.parentPath, entry.name)));
const text = (file: string) => readFileSync(join(dist, file), 'utf8');

describe('dist/', () => {
  it('is at most 2.5 MB', () => {
    const bytes = files.reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(2.5 * 1024 * 1024);
  });

  it('holds the bundle, its entries and the licences, and no more', () => {
    // Each as its action.yml names it.
    const actions = actionNames(ROOT)
      .map((name) => readActionFile(ROOT, name))
      .filter(isJavaScript)
      .flatMap(({ runs }) => [runs.main, runs.post].filter((path) => path !== undefined));
    const programs = [...actions.map((path) => path.replace('../../dist/', '')), 'guardian/index.js'];
    const others = files.filter((file) => !/^\d+\.launch\.js$/.test(file));
    expect(others.sort()).toEqual(
      [...programs, 'cli/index.js', 'launch.js', 'licenses.txt', 'package.json'].sort(),
    );
    for (const program of programs) expect(Buffer.byteLength(text(program))).toBeLessThan(300);
    expect(text('cli/index.js')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(join(dist, 'cli/index.js')).mode & 0o111).toBe(0o111);
  });

  // A class that each package defines once; class names survive minification.
  it.each([
    ['zod', 'class $ZodAsyncError'],
    ['yaml', 'class Composer'],
    ['undici', 'class ProxyAgent'],
    ['@actions/http-client', 'class HttpClientResponse'],
    ['commander', 'class CommanderError'],
    ['execa', 'class ExecaError'],
    ['ajv', 'class MissingRefError'],
  ])('has the code of %s exactly once', (_name, marker) => {
    const found = files
      .filter((file) => file.endsWith('.js'))
      .flatMap((file) =>
        Array(text(file).split(`${marker} `).length - 1 + text(file).split(`${marker}{`).length - 1).fill(
          file,
        ),
      );
    expect(found).toHaveLength(1);
  });

  it('has no path of the machine that built it, and no module that is missing', () => {
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      expect([file, text(file).includes(ROOT), text(file).includes('/build/work-')]).toEqual([
        file,
        false,
        false,
      ]);
      expect([file, /MODULE_NOT_FOUND'?"?;?\s*throw/.test(text(file))]).toEqual([file, false]);
    }
  });

  it('has the notices of what it contains', () => {
    const titles = text('licenses.txt').match(/^[@\w/.-]+ \d+\.\d+\.\d+ \([\w. -]+\)$/gm) ?? [];
    const names = titles.map((line) => line.split(' ')[0]);
    expect(names).toEqual(
      expect.arrayContaining(['@actions/core', 'commander', 'execa', 'undici', 'yaml', 'zod']),
    );
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('has each line of each of their licences, whoever else has the same', () => {
    const flat = (from: string) => from.replaceAll(/\s+/g, ' ').toLowerCase();
    const notices = flat(text('licenses.txt'));
    const packages = [...text('licenses.txt').matchAll(/^([@\w/.-]+) \d+\.\d+\.\d+ \([\w. -]+\)$/gm)];
    expect(packages.length).toBeGreaterThan(100);
    // A package that lies below another one has the same licence as here, or none.
    const folders = packages.map(([, name = '']) => join(ROOT, 'node_modules', name)).filter(existsSync);
    expect(folders.length).toBeGreaterThan(100);
    for (const folder of folders) {
      for (const file of readdirSync(folder).filter((it) => /^(licen[cs]e|notice|copying)/i.test(it))) {
        const lines = readFileSync(join(folder, file), 'utf8').split('\n').map(flat);
        const missing = lines.map((line) => line.trim()).filter((line) => !notices.includes(line));
        // Titles: the text below them says the same.
        expect([
          folder,
          missing.filter((line) => !/^\W*(the )?(mit|isc) license\W*(mit)?\W*$/.test(line)),
        ]).toEqual([folder, []]);
      }
    }
  });

  it('starts an action without loading HTTP, TLS or compression', () => {
    const probe = `
      const { start } = require(${JSON.stringify(join(dist, 'launch.js'))});
      (async () => {
      const log = process.stdout.write; process.stdout.write = () => true;
      await start('no-such-action');
      process.stdout.write = log;
      console.log(process.moduleLoadList.filter((m) => /NativeModule (http|https|http2|tls|zlib|worker_threads)$/.test(m)).join());
      process.exitCode = 0;
      })();
    `;
    const loaded = execFileSync(node24(), ['--input-type=commonjs', '-e', probe], {
      encoding: 'utf8',
    });
    expect(loaded.trim()).toBe('');
  });
});
