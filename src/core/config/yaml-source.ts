import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import type { Place } from '../errors.ts';
import { printable } from '../names.ts';
import { hasAny, type Problem } from '../problem.ts';

export type YamlPath = readonly (string | number)[];

/** A YAML file that was read well, with the way back from a value to its line. */
export interface YamlSource {
  readonly file: string;
  readonly text: string;
  readonly document: Document;
  readonly value: unknown;
  /** The place of the key or list item at `path`, or of the deepest part of it that exists. */
  placeOf(path: YamlPath): Place;
  /** The place of the value at `path`, where that is written on another line than its key. */
  placeOfValue(path: YamlPath): Place;
  placeAt(offset: number): Place;
}

export type YamlReading =
  | { readonly ok: true; readonly yaml: YamlSource }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

const maxSyntaxErrors = 20;

/** Reads a YAML file, or says what is wrong with it. Aliases that multiply and nesting without end are refused. */
export function readYaml(text: string, file: string): YamlReading {
  try {
    return read(text, file);
  } catch (error) {
    // A nesting so deep that the parser's own stack runs out, or more aliases than a person writes.
    const what = error instanceof RangeError ? 'it is nested too deeply' : 'it expands without bounds';
    const message = `The file can't be read: ${what}.`;
    const remedy = 'Simplify it: plain maps, lists and strings are enough.';
    return {
      ok: false,
      problems: [{ rule: 'config-invalid', severity: 'error', message, remedy, place: { file, line: 1 } }],
    };
  }
}

function read(text: string, file: string): YamlReading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: 'silent',
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  // Compose reads files of several documents; the first is what can be checked here.
  // One slip can make a parser complain of every line after it.
  const errors = document.errors.filter((error) => error.code !== 'MULTIPLE_DOCS').slice(0, maxSyntaxErrors);
  const problems = errors.map(
    (error): Problem => ({
      rule: 'yaml-syntax',
      severity: 'error',
      message: `The file is not valid YAML: ${printable((error.message.split('\n', 1)[0] ?? '').replace(/[.:\s]+$/, ''))}.`,
      remedy: 'Mend the syntax at that place.',
      place: placeAt(error.pos[0]),
    }),
  );
  if (hasAny(problems)) return { ok: false, problems };
  const value: unknown = document.toJS();
  const at = (path: YamlPath, which: 'key' | 'value'): Place => {
    const found = nodeAt(document, path);
    const range = (which === 'value' ? (found.value ?? found.key) : found.key)?.range;
    return range === undefined || range === null ? { file, line: 1, column: 1 } : placeAt(range[0]);
  };
  const yaml: YamlSource = {
    file,
    text,
    document,
    value,
    placeOf: (path) => at(path, 'key'),
    placeOfValue: (path) => at(path, 'value'),
    placeAt,
  };
  return { ok: true, yaml };
}

interface Found {
  /** What stands for the path in the text: a pair's key, or a list's item. */
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

function nodeAt(document: Document, path: YamlPath): Found {
  let found: Found = { key: asNode(document.contents), value: asNode(document.contents) };
  for (const step of path) {
    const next = child(resolve(document, found.value), step);
    if (next === undefined) break;
    found = next;
  }
  return found;
}

function child(node: Node | undefined, step: string | number): Found | undefined {
  if (isMap(node)) {
    const pair = node.items.find((it) => isScalar(it.key) && String(it.key.value) === String(step));
    return pair === undefined ? undefined : { key: asNode(pair.key), value: asNode(pair.value) };
  }
  const item = isSeq(node) ? asNode(node.items[Number(step)]) : undefined;
  return item === undefined ? undefined : { key: item, value: item };
}

function resolve(document: Document, node: Node | undefined): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

function asNode(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}
