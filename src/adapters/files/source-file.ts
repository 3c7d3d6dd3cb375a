import { lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { normalizePath } from '../../core/project/view.ts';

/** What lies at a path of a checkout, without following a symlink. */
export type SourceFile =
  | { readonly kind: 'text'; readonly text: string; readonly size: number; readonly executable: boolean }
  | { readonly kind: 'binary' | 'too-large'; readonly size: number; readonly executable: boolean }
  | { readonly kind: 'symlink'; readonly leads: LinkTarget }
  /** Not there, a folder, or nothing that git keeps. */
  | { readonly kind: 'absent' };

export type LinkTarget =
  | { readonly to: 'inside'; readonly path: string }
  | { readonly to: 'outside' }
  | { readonly to: 'nowhere' };

/** Larger files are data, not something a person wrote. */
export const maxSourceBytes = 1024 * 1024;

/** As git does it: a NUL in the first 8,000 bytes means that a file is not text. */
const binaryProbe = 8000;

/** Synchronous inside, as the working tree's view is: thousands of small files are read in a fifth of the time. */
export function readSource(top: string, path: string): SourceFile {
  const full = join(top, path);
  const stat = lstatSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: 'absent' };
  if (stat.isSymbolicLink()) return { kind: 'symlink', leads: linkTarget(top, path) };
  // A pipe or a device must not be opened: reading it might never end.
  if (!stat.isFile()) return { kind: 'absent' };
  const common = { size: stat.size, executable: (stat.mode & 0o111) !== 0 };
  if (stat.size > maxSourceBytes) return { kind: 'too-large', ...common };
  const bytes = readFileSync(full);
  if (bytes.subarray(0, binaryProbe).includes(0)) return { kind: 'binary', ...common };
  return { kind: 'text', text: bytes.toString(), ...common };
}

/** Both the link's own text and where it leads in the end must be in the repository. */
function linkTarget(top: string, path: string): LinkTarget {
  const link = readlinkSync(join(top, path));
  if (link.startsWith('/') || normalizePath(`${posix.dirname(path)}/${link}`) === undefined) {
    return { to: 'outside' };
  }
  try {
    const real = relative(realpathSync(top), realpathSync(join(top, path)))
      .split(sep)
      .join('/');
    return real.startsWith('..') ? { to: 'outside' } : { to: 'inside', path: real };
  } catch {
    return { to: 'nowhere' };
  }
}
