import type { Entry, EntryKind } from '../../core/project/view.ts';

/**
 * The entries of a raw tree object. Names are bytes; ids are 20 or 32 of them, by the repository's format.
 * Everything is searched and cut by built-in functions: thousands of trees are parsed before any loop of this
 * program would have been compiled.
 */
export function parseTree(data: Buffer, idBytes: number): Entry[] {
  const text = data.toString('latin1');
  const hex = data.toString('hex');
  const entries: Entry[] = [];
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(' ', at);
    const nul = text.indexOf('\0', space);
    const end = nul + 1 + idBytes;
    if (space < 0 || nul < 0 || end > text.length) throw new Error('git gave a tree that is cut short');
    const name = text.slice(space + 1, nul);
    entries.push({
      // See `Entry.name` for what becomes of bytes that are not UTF-8.
      name: /[\x80-\xff]/.test(name) ? decodeBytes(data.subarray(space + 1, nul)) : name,
      kind: kindOf(text.slice(at, space)),
      id: hex.slice(2 * (nul + 1), 2 * end),
    });
    at = end;
  }
  return entries;
}

function kindOf(mode: string): EntryKind {
  switch (mode) {
    case '100644':
      return 'file';
    case '100755':
      return 'executable';
    case '40000':
      return 'folder';
    case '120000':
      return 'symlink';
    case '160000':
      return 'submodule';
    default:
      return kindOfOldMode(Number.parseInt(mode, 8));
  }
}

/** Old histories hold modes such as 100664 and 040000; only what git itself looks at counts. */
function kindOfOldMode(mode: number): EntryKind {
  if ((mode & 0o170000) === 0o040000) return 'folder';
  return (mode & 0o100) === 0 ? 'file' : 'executable';
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeBytes(bytes: Buffer): string {
  try {
    return strict.decode(bytes);
  } catch {
    return escapeInvalid(bytes);
  }
}

/** Each valid sequence as it is, each other byte as U+DC00 plus its value. */
function escapeInvalid(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((size) => isCharacter(bytes.subarray(at, at + size), size)) ?? 0;
    if (length > 0) text += strict.decode(bytes.subarray(at, at + length));
    else text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    at += Math.max(1, length);
  }
  return text;
}

function isCharacter(bytes: Buffer, size: number): boolean {
  if (bytes.length !== size) return false;
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
