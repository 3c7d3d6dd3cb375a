import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../src/core/errors.ts';
import { ROOT } from '../support/source-tree.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const found = (text: string, pattern: RegExp) =>
  [...new Set(Array.from(text.matchAll(pattern), ([, name = '']) => name))].sort();

describe('docs/gpu/troubleshooting.md', () => {
  const [, onTheInstance = ''] = read('docs/gpu/troubleshooting.md').split('## On the instance\n');
  const table = onTheInstance.split('\n## ')[0] ?? '';

  it('has a row for every failure of the StackScript, and for no other', () => {
    const codes = found(read('stackscripts/ai-sandbox.sh'), /\bfail ([A-Z][A-Z_]+) /g);
    expect(codes.length).toBeGreaterThan(20);
    const rows = found(table.replaceAll(/^\| ([^|]*)\|.*$/gm, '$1'), /`([A-Z][A-Z_]+)`/g);
    expect(rows).toEqual(codes);
  });

  it('names no code of Launch that there is not', () => {
    const before = read('docs/gpu/troubleshooting.md').split('## On the instance\n')[0] ?? '';
    const codes = found(before.replaceAll(/^\| ([^|]*)\|.*$/gm, '| $1'), /^\| `([A-Z][A-Z_]+)`/gm);
    expect(codes.length).toBeGreaterThan(6);
    for (const code of codes) expect(errorCodes).toContain(code);
  });
});

describe('docs/gpu/deployment.md', () => {
  const text = read('docs/gpu/deployment.md');

  it('has every variable of the StackScript', () => {
    const names = found(read('stackscripts/ai-sandbox.sh'), /^#\s*<UDF name="(\w+)"/gm);
    expect(names.length).toBeGreaterThan(5);
    const settings = text.split('## Settings of the sandbox\n')[1]?.split('\n## ')[0] ?? '';
    expect(found(settings.replaceAll(/^\| ([^|]*)\|.*$/gm, '| $1'), /`([a-z]\w+)`/g)).toEqual(
      expect.arrayContaining(names),
    );
  });

  it('has every script over `launch gpu`', () => {
    const scripts = globSync('scripts/*.sh', { cwd: ROOT }).filter((path) =>
      read(path).includes('scripts/lib/gpu.sh'),
    );
    expect(scripts).toHaveLength(7);
    for (const path of scripts) expect(text).toContain(`\`${path.replace('scripts/', '')}\``);
  });
});

describe('what is said of the sandbox', () => {
  const pages = ['docs/quickstart.md', ...globSync('docs/gpu/*.md', { cwd: ROOT })];

  it.each(pages)('%s leads to files that are there', (page) => {
    for (const link of found(read(page), /\]\((?!https?:)([^)#]+)/g)) {
      expect([link, globSync(join(ROOT, page, '..', link)).length]).toEqual([link, 1]);
    }
  });

  it('is marked where it was never run on real hardware', () => {
    expect(read('docs/quickstart.md')).toMatch(/on a real GPU instance they have not been run yet/);
    expect(read('docs/gpu/deployment.md')).toMatch(/None has been run on a real GPU instance/);
    expect(read('docs/gpu/security.md')).toMatch(/tried on a real GPU instance yet/);
    expect(read('docs/gpu/troubleshooting.md')).toMatch(/has not been tried yet/);
  });
});
