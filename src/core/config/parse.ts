import { isMap, isNode, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import * as z from 'zod/mini';
import type { Place } from '../errors.ts';
import { hasAny, type Problem } from '../problem.ts';
import { describeIssue, firstLine, type KeyPath } from './issue-problems.ts';
import { yamlValue } from './yaml-value.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

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
    const quick = z.safeParse(schema, yamlValue(text) ?? {});
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
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
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
