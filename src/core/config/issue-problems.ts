import type * as z from 'zod/mini';
import type { Place } from '../errors.ts';
import { printable } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { knownKeysAt } from './known-keys.ts';

export type KeyPath = readonly PropertyKey[];

/** What a schema found wrong, as problems at the places that `locate` gives for a path, or for a key in it. */
export function describeIssue(
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

/** The first line of a message of somebody else, without its full stop. */
export function firstLine(text: string): string {
  return printable((text.split('\n', 1)[0] ?? '').replace(/[.:\s]+$/, ''));
}
