import { isMap, isNode, LineCounter, type Node, parse, parseDocument, type YAMLMap } from 'yaml';
import * as z from 'zod/mini';
import type { Place } from '../errors.ts';
import { printable } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import { hasAny, type Problem } from '../problem.ts';
import { knownKeysAt } from './known-keys.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

type KeyPath = readonly PropertyKey[];

/**
 * A YAML file as a value of `schema`, or every problem with its line and column. The quick way (no positions)
 * is tried first, because nearly every file is right and there may be a thousand of them.
 */
export function parseConfig<S extends z.ZodMiniType>(
  schema: S,
  text: string,
  file: string,
): Parsed<z.output<S>> {
  try {
    const value: unknown = parse(text) ?? {};
    const quick = z.safeParse(schema, value);
    if (quick.success) return { ok: true, value: quick.data };
  } catch {
    // The careful way below says what is wrong, and where.
  }
  return parseWithPositions(schema, text, file);
}

function parseWithPositions<S extends z.ZodMiniType>(
  schema: S,
  text: string,
  file: string,
): Parsed<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const broken = document.errors.map(
    (error): Problem => ({
      rule: 'yaml-syntax',
      severity: 'error',
      message: `The file is not valid YAML: ${firstLine(error.message)}.`,
      remedy: 'Mend the syntax at that place.',
      place: placeAt(error.pos[0]),
    }),
  );
  if (hasAny(broken)) return { ok: false, problems: broken };
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (error) {
    return { ok: false, problems: [unusable(file, error)] };
  }
  const result = z.safeParse(schema, value, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) =>
    describeIssue(issue, schema, (path, key) => placeOf(document.contents, path, key, placeAt, file)),
  );
  return { ok: false, problems: hasAny(problems) ? problems : [unusable(file, result.error)] };
}

function unusable(file: string, error: unknown): Problem {
  return {
    rule: 'config-invalid',
    severity: 'error',
    message: `The file can't be read: ${firstLine(error instanceof Error ? error.message : String(error))}.`,
    remedy: 'Simplify it: plain maps, lists and strings are enough.',
    place: { file },
  };
}

function describeIssue(
  issue: z.core.$ZodIssue,
  schema: z.ZodMiniType,
  locate: (path: KeyPath, key?: string) => Place,
): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      rule: 'unknown-key',
      severity: 'error',
      message: `Unknown key "${printable(key)}"${inside(issue.path)}.`,
      remedy: didYouMean(key, known),
      place: locate(issue.path, key),
    }));
  }
  // Of a union, the branch that got furthest says most; an unknown key deep inside beats "is not any of these".
  if (issue.code === 'invalid_union') {
    const nested = issue.errors
      .filter((branch) => !branch.some((inner) => inner.code === 'invalid_type' && inner.path.length === 0))
      .sort((a, b) => a.length - b.length)[0];
    if (nested !== undefined) {
      return nested.flatMap((inner) =>
        describeIssue({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, schema, locate),
      );
    }
  }
  const subject = issue.path.length === 0 ? 'The file' : `"${printable(keyText(issue.path))}"`;
  return [
    {
      rule: issue.code === 'custom' ? 'invalid-value' : issue.code.replaceAll('_', '-'),
      severity: 'error',
      message: `${subject} ${complaint(issue)}.`,
      remedy: 'Correct the value; the reference of the file lists what each key takes.',
      place: locate(issue.path),
    },
  ];
}

function complaint(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}${issue.input === undefined ? '' : `, not ${kindOf(issue.input)}`}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_key':
      return `has a key that ${firstLine(issue.issues[0]?.message ?? 'is not valid')}`;
    default:
      return issue.message === '' || issue.message === 'Invalid input'
        ? 'is not valid'
        : firstLine(issue.message);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  return Array.isArray(value) ? 'a list' : article(typeof value);
}

function article(type: string): string {
  const said =
    { object: 'map', record: 'map', array: 'list', boolean: 'true or false', string: 'text' }[type] ?? type;
  return said === 'text' || said.startsWith('true') ? said : `a ${said}`;
}

function inside(path: KeyPath): string {
  return path.length === 0 ? '' : ` in "${printable(keyText(path))}"`;
}

function keyText(path: KeyPath): string {
  return path.map(String).join('.');
}

function firstLine(text: string): string {
  return printable((text.split('\n', 1)[0] ?? '').replace(/[.:\s]+$/, ''));
}

/** The deepest node along `path` that exists; of a map, the pair whose key is `key`. */
function placeOf(
  contents: unknown,
  path: KeyPath,
  key: string | undefined,
  placeAt: (offset: number) => Place,
  file: string,
): Place {
  let node: unknown = contents;
  let anchor: unknown = contents;
  for (const step of path) {
    if (isMap(node)) {
      const pair = pairOf(node, step);
      if (pair === undefined) break;
      anchor = pair.key;
      node = pair.value;
    } else if (isNode(node) && 'get' in node) {
      node = (node as unknown as { get(key: unknown, keepNode: true): unknown }).get(step, true);
      anchor = node ?? anchor;
    } else break;
  }
  const found = key !== undefined && isMap(node) ? pairOf(node, key)?.key : anchor;
  const range = (isNode(found) ? (found as Node) : undefined)?.range;
  return range === undefined || range === null ? { file, line: 1, column: 1 } : placeAt(range[0]);
}

function pairOf(map: YAMLMap, key: PropertyKey) {
  return map.items.find((pair) => {
    const k: unknown = isNode(pair.key) && 'value' in pair.key ? pair.key.value : pair.key;
    return String(k) === String(key);
  });
}
