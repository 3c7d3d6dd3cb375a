// This repository's own sources, for the tests that hold them to the rules.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written, for a package or a Node module; from the root of the repository, for a file. */
  readonly from: string;
  readonly isFile: boolean;
  readonly kind: 'value' | 'type' | 'on use';
}

/** All TypeScript files below `folder`. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

/** Without comments, so that rules don't trip over an example in one. Strings that look like comments may go. */
export function codeOf(file: SourceFile): string {
  return file.text.replace(/^\s*\/\/.*$/gm, '').replace(/^\s*\/\*\*?[\s\S]*?\*\//gm, '');
}

function importsOf(path: string, text: string): Import[] {
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?'([^']+)'(?:\s+with\s+\{[^}]*\})?;/gm,
  );
  const onUse = text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g);
  return [
    ...Array.from(statements, ([, type, from = '']) => ({ from, kind: type ? 'type' : 'value' }) as const),
    ...Array.from(onUse, ([, from = '']) => ({ from, kind: 'on use' }) as const),
  ].map(({ from, kind }) => {
    const isFile = from.startsWith('.');
    return { from: isFile ? relative(ROOT, resolve(ROOT, dirname(path), from)) : from, isFile, kind };
  });
}
