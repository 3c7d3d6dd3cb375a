import { LaunchError } from '../errors.ts';
import { closingQuote, withEscapes } from './dotenv-quotes.ts';

/** What the runner hands over at most, as GitHub itself limits one secret. */
const limitBytes = 48 * 1024;

/**
 * Names and values out of a JSON object or `NAME=value` lines (dotenv rules). Errors name a line, never what
 * stands in it: it may be a part of a secret.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function parseSecrets(text: string, source: string): ReadonlyMap<string, string> {
  assertSize(Buffer.byteLength(text), source);
  const values = text.trimStart().startsWith('{') ? fromJson(text, source) : fromLines(text, source);
  assertFit(values, source);
  return values;
}

export function assertSize(bytes: number, source: string): void {
  if (bytes <= limitBytes) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    `${source} is ${Math.ceil(bytes / 1024)} KB, more than the 48 KB it may have.`,
    { remedy: 'Hand over only what the services of this target declare.' },
  );
}

/** What no environment can hold would arrive as something else, or be quoted by whoever refuses it. */
export function assertFit(values: ReadonlyMap<string, string>, source: string): void {
  let position = 0;
  for (const value of values.values()) {
    position += 1;
    if (value.includes('\0'))
      throw refuse(`Entry ${position} of ${inSentence(source)} holds a NUL character.`);
    if (!value.isWellFormed())
      throw refuse(`Entry ${position} of ${inSentence(source)} is not valid Unicode.`);
  }
}

function fromJson(text: string, source: string): ReadonlyMap<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, so it is not passed on.
    throw refuse(`${source} starts like a JSON object, but is not valid JSON.`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw refuse(`${source} is JSON, but not an object of names and values.`);
  }
  const values = new Map<string, string>();
  let position = 0;
  for (const [name, value] of Object.entries(parsed)) {
    position += 1;
    if (typeof value === 'string') values.set(name, value);
    else if (typeof value === 'number' || typeof value === 'boolean') values.set(name, String(value));
    else if (value !== null)
      throw refuse(`Entry ${position} of ${inSentence(source)} is neither text nor a number.`);
  }
  return values;
}

function fromLines(text: string, source: string): ReadonlyMap<string, string> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const values = new Map<string, string>();
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(line);
    const [, name, rest] = match ?? [];
    if (name === undefined || rest === undefined) throw badLine(source, at);
    const quote = rest[0];
    if (quote === '"' || quote === "'") {
      const quoted = readQuoted(lines, at, rest, quote);
      if (quoted === undefined) throw badLine(source, at);
      values.set(name, quote === '"' ? withEscapes(quoted.body) : quoted.body);
      at = quoted.lastLine;
    } else {
      values.set(name, rest.replace(/(^|\s)#.*$/, '').trimEnd());
    }
  }
  return values;
}

/** The text between the quotes, over as many lines as it takes; undefined when it has no end or something follows. */
function readQuoted(
  lines: readonly string[],
  first: number,
  opening: string,
  quote: '"' | "'",
): { readonly body: string; readonly lastLine: number } | undefined {
  const parts: string[] = [];
  for (let at = first; at < lines.length; at += 1) {
    const part = at === first ? opening.slice(1) : (lines[at] ?? '');
    const end = closingQuote(part, quote);
    if (end < 0) {
      parts.push(part);
      continue;
    }
    if (!/^\s*(#.*)?$/.test(part.slice(end + 1))) return undefined;
    return { body: [...parts, part.slice(0, end)].join('\n'), lastLine: at };
  }
  return undefined;
}

/** In the middle of a sentence: `the input`; a file's name stays as it is. */
function inSentence(source: string): string {
  return source.replace(/^(The|What) /, (word) => word.toLowerCase());
}

function badLine(source: string, index: number): LaunchError {
  return refuse(`Line ${index + 1} of ${inSentence(source)} is not NAME=value, or its quotes do not match.`);
}

function refuse(summary: string): LaunchError {
  return new LaunchError('CONFIG_INVALID', summary, {
    remedy:
      'It takes a JSON object, or NAME=value lines; a value of several lines stands in quotes. What stands there is not shown, because it may be secret.',
  });
}
