// What is printed with `--json`, held to the published schemas: strictly, so that a key of which no schema tells is found.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { outputs, printedAsLines, schemaName } from '../../src/cli/output/outputs.ts';
import { ROOT } from './source-tree.ts';

const compiled = new Map<string, ValidateFunction>();

/** The results that this test file has seen, by the words of `outputs`; errors are none. */
export const seenOutputs = new Set<string>();

/**
 * @param args - the command line, without `launch`
 * @param stdout - all that it printed there; nothing at all is right for a command line that can't be meant
 * @throws Error for what is not as the command's published schema says
 */
export function assertOutput(args: readonly string[], stdout: string): void {
  if (!stdout.startsWith('{\n') && printedAsLines.has(args[0] ?? '')) {
    for (const line of stdout.split('\n')) if (line !== '') assertDocument(args, line);
    return;
  }
  assertDocument(args, stdout);
}

function assertDocument(args: readonly string[], stdout: string): void {
  const printed: unknown = JSON.parse(stdout);
  if (isError(printed)) {
    assertValid('error', printed, args);
    return;
  }
  const command = outputOf(args);
  assertValid(schemaName(command), printed, args);
  seenOutputs.add(command);
}

/** The words of `outputs` by which the result of a command line is known: `edge up`, `doctor --targets`. */
function outputOf(args: readonly string[]): string {
  const [name, ...others] = args;
  const found = Object.keys(outputs)
    // Of those that fit, the one with the most words is meant.
    .sort((a, b) => b.split(' ').length - a.split(' ').length)
    .find((command) => {
      const [first, ...more] = command.split(' ');
      return first === name && more.every((word) => others.includes(word));
    });
  if (found !== undefined) return found;
  throw new Error(`src/cli/output/outputs.ts has no schema of what this prints: launch ${args.join(' ')}`);
}

function assertValid(name: string, value: unknown, args: readonly string[]): void {
  const validate = compiled.get(name) ?? compile(name);
  compiled.set(name, validate);
  if (validate(value)) return;
  const faults = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `  ${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
  );
  throw new Error(
    `schemas/output/${name}.schema.json does not fit what this printed: launch ${args.join(' ')}\n${faults.join('\n')}\n${JSON.stringify(value, null, 2)}`,
  );
}

function compile(name: string): ValidateFunction {
  const text = readFileSync(join(ROOT, `schemas/output/${name}.schema.json`), 'utf8');
  const schema = closed(JSON.parse(text));
  if (!isObject(schema)) throw new Error(`schemas/output/${name}.schema.json is no schema`);
  return new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
}

/** A user's program has to bear a new key. Here each has to be in the schema. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isObject(schema)) return schema;
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isClosable = schema['type'] === 'object' && 'properties' in schema;
  return isClosable ? { ...inside, additionalProperties: false } : inside;
}

function isError(value: unknown): boolean {
  return isObject(value) && Object.keys(value).join() === 'error';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
