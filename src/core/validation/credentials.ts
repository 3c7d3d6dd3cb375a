import { printable } from '../names.ts';
import { type CredentialShape, credentialShapes, worthALook } from './credential-shapes.ts';
import { type FileKind, fileKind, namedCredentials } from './named-credentials.ts';

/** A credential that stands in a file. It never holds the credential itself. */
export interface CredentialFinding {
  readonly line: number;
  readonly column: number;
  /** What it is, redacted: fit for logs. */
  readonly description: string;
  /** An exception is noted there, but without a reason. */
  readonly exceptionWithoutReason: boolean;
}

/** No person writes longer lines; of what a machine wrote, the beginning is looked at. */
const maxLineLength = 20_000;

/** The credentials that stand in a text file, without those that a comment with a reason allows. */
export function findCredentials(text: string, path: string): CredentialFinding[] {
  if (!worthALook.test(text)) return [];
  const kind = fileKind(path);
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const found = inLine(line.slice(0, maxLineLength), kind);
    if (found.length === 0) return [];
    const exception = exceptionFor(line, lines[index - 1] ?? '');
    if (exception === 'allowed') return [];
    return found.map(({ column, description }) => ({
      line: index + 1,
      column,
      description,
      exceptionWithoutReason: exception === 'no-reason',
    }));
  });
}

interface Hit {
  readonly column: number;
  readonly end: number;
  readonly description: string;
}

/** What is known by its looks first: that says more than the name it is given. */
function inLine(line: string, kind: FileKind): Hit[] {
  if (!worthALook.test(line)) return [];
  const shaped = credentialShapes.flatMap((shape) => shapeHits(line, shape));
  const named = namedCredentials(line, kind)
    .map(({ column, end, name }) => ({
      column,
      end,
      description: name === undefined ? 'a URL with its password' : `a value for ${printable(name, 60)}`,
    }))
    .filter((hit) => !shaped.some((other) => other.column < hit.end && hit.column < other.end));
  return [...shaped, ...named];
}

function shapeHits(line: string, { kind, pattern }: CredentialShape): Hit[] {
  return [...line.matchAll(pattern)].map((match) => {
    const key = match.groups?.['key'] ?? match[0];
    const column = match.index + match[0].indexOf(key) + 1;
    return { column, end: column + key.length, description: `${kind} (${redacted(key)})` };
  });
}

/** Enough to find it by, too little to use it: its public prefix and its length. */
function redacted(key: string): string {
  return `${key.startsWith('-----') ? 'PEM' : key.slice(0, 4)}…, ${key.length} characters`;
}

function exceptionFor(line: string, before: string): 'allowed' | 'no-reason' | 'none' {
  const pattern = /launch:allow-credential\b[ \t:]*(.*)/;
  // The line above counts only when it is a comment and nothing else.
  const above = /^\s*(?:#|\/\/|;|--|<!--|\/\*|\*)/.test(before) ? pattern.exec(before) : null;
  const match = pattern.exec(line) ?? above;
  if (match === null) return 'none';
  return /[A-Za-z]{3}/.test(match[1] ?? '') ? 'allowed' : 'no-reason';
}
