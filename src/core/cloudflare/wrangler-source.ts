import {
  findNodeAtLocation,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
  visit,
} from 'jsonc-parser';
import { parse as parseToml, TomlError } from 'smol-toml';
import { firstLine } from '../config/issue-problems.ts';
import type { Place } from '../errors.ts';
import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';
import { tomlPlaces } from './toml-places.ts';

/** A wrangler configuration as a plain value, with the way back from a path to its line. */
export interface WranglerSource {
  readonly value: unknown;
  /** The place of the key or list item at `path`, or of the deepest part of it that exists. */
  placeOf(path: readonly PropertyKey[]): Place;
  comments(): readonly Comment[];
}

/** A line of a comment. */
export interface Comment {
  readonly text: string;
  readonly place: Place;
}

export type SourceReading =
  | { readonly ok: true; readonly source: WranglerSource }
  | { readonly ok: false; readonly problem: Problem };

/** Reads JSON with comments and trailing commas, or TOML, told apart by the ending of the file's name. */
export function readWranglerSource(text: string, file: string): SourceReading {
  try {
    return file.endsWith('.toml') ? readToml(text, file) : readJsonc(text, file);
  } catch (error) {
    // The parsers call themselves for what is nested.
    if (!(error instanceof RangeError)) throw error;
    return broken(file, 'it is nested too deeply', { file, line: 1 });
  }
}

function readJsonc(text: string, file: string): SourceReading {
  // As many editors on Windows begin a file; the places count from behind it, as editors do.
  const plain = text.replace(/^\u{feff}/u, '');
  const errors: ParseError[] = [];
  const tree = parseTree(plain, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [first] = errors;
  if (first !== undefined) {
    const what = printParseErrorCode(first.error)
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase();
    return broken(file, what, placeAt(plain, first.offset, file));
  }
  const placeOf = (path: readonly PropertyKey[]): Place => {
    const node = tree === undefined ? undefined : nearestNode(tree, path);
    return node === undefined ? { file, line: 1, column: 1 } : placeAt(plain, node.offset, file);
  };
  const comments = () => commentsInJson(plain, file);
  return { ok: true, source: { value: tree === undefined ? {} : plainValue(tree), placeOf, comments } };
}

function commentsInJson(text: string, file: string): Comment[] {
  const comments: Comment[] = [];
  visit(text, {
    onComment(offset, length) {
      const { line = 1 } = placeAt(text, offset, file);
      const lines = text.slice(offset, offset + length).split('\n');
      comments.push(...lines.map((said, index) => ({ text: said, place: { file, line: line + index } })));
    },
  });
  return comments;
}

/** Without the parser's own way, by which a key `__proto__` would become the object's prototype. */
function plainValue(node: Node): unknown {
  const children = node.children ?? [];
  if (node.type === 'array') return children.map(plainValue);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(
    children.flatMap(({ children: pair }) => {
      const [key, value] = pair ?? [];
      return key === undefined || value === undefined ? [] : [[key.value, plainValue(value)]];
    }),
  );
}

/** Of a pair the key is shown. */
function nearestNode(tree: Node, path: readonly PropertyKey[]): Node {
  for (let length = path.length; length > 0; length -= 1) {
    const steps = path.slice(0, length).map((step) => (typeof step === 'number' ? step : String(step)));
    const found = findNodeAtLocation(tree, steps);
    if (found === undefined) continue;
    return found.parent?.type === 'property' ? (found.parent.children?.[0] ?? found) : found;
  }
  return tree;
}

function placeAt(text: string, offset: number, file: string): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { file, line: before.split('\n').length, column: offset - lineStart + 1 };
}

function readToml(text: string, file: string): SourceReading {
  let value: unknown;
  try {
    value = parseToml(text.replace(/^\u{feff}/u, ''));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = firstLine(error.message).replace(/^Invalid TOML document: /, '');
    return broken(file, what, { file, line: error.line, column: error.column });
  }
  let places: ReturnType<typeof tomlPlaces> | undefined;
  const placeOf = (path: readonly PropertyKey[]): Place => {
    places ??= tomlPlaces(text);
    for (let length = path.length; length > 0; length -= 1) {
      const found = places.get(path.slice(0, length).map(String).join('.'));
      if (found !== undefined) return { file, line: found.line, column: found.column };
    }
    return { file, line: 1, column: 1 };
  };
  // What follows a value on its line can't be told from a text with a # in it without the parser's help.
  const comments = () =>
    text.split('\n').flatMap((said, index) => {
      return /^\s*#/.test(said) ? [{ text: said, place: { file, line: index + 1 } }] : [];
    });
  return { ok: true, source: { value, placeOf, comments } };
}

function broken(file: string, what: string, place: Place): SourceReading {
  const kind = file.endsWith('.toml') ? 'TOML' : 'JSON';
  const problem: Problem = {
    rule: 'worker-config-syntax',
    severity: 'error',
    message: `The wrangler configuration is not valid ${kind}: ${printable(what)}.`,
    remedy: 'Mend the syntax at that place.',
    place,
  };
  return { ok: false, problem };
}
