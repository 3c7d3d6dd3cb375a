import * as z from 'zod/mini';
import { errorOutput } from '../../src/cli/output/error.ts';
import { outputs, printedAsLines, schemaName } from '../../src/cli/output/outputs.ts';
import type { Generator } from './generator.ts';

interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** schemas/output/*.json: what each command prints with `--json`, for the programs that read it. */
export const outputSchemas: Generator = {
  name: 'JSON Schemas of what the commands print',
  run: () =>
    new Map([
      ...Object.entries(outputs).map(([command, schema]) => {
        const title = `launch ${command} --json`;
        const what = printedAsLines.has(command) ? 'Each line that' : 'What';
        const description = `${what} \`launch ${command}\` prints with --json when it does not fail. A later Launch may print more keys.`;
        return file(schemaName(command), title, description, schema);
      }),
      file(
        'error',
        'launch: an error',
        'What every command prints with --json when it fails, in place of its result.',
        errorOutput,
      ),
    ]),
};

function file(name: string, title: string, description: string, schema: z.ZodMiniType): [string, string] {
  const made: JsonSchema = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      // Every number of JSON is within them.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.propertyNames !== undefined) delete jsonSchema.propertyNames;
    },
  });
  assertDescribed(name, made);
  const { $schema, ...rest } = made;
  const whole = { $schema, $id: `urn:launch:output:${name}`, title, description, ...rest };
  return [`schemas/output/${name}.schema.json`, `${JSON.stringify(whole, undefined, 2)}\n`];
}

/** @throws Error for a key without a description: whoever reads the schema would have to guess. */
function assertDescribed(at: string, schema: unknown): void {
  if (Array.isArray(schema)) for (const [i, it] of schema.entries()) assertDescribed(`${at}[${i}]`, it);
  if (!isSchema(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword !== 'properties' || !isSchema(value)) {
      assertDescribed(at, value);
      continue;
    }
    for (const [key, property] of Object.entries(value)) {
      if (!isSchema(property) || typeof property['description'] !== 'string') {
        throw new Error(`${at}.${key} of what is printed has no description: give it one with field()`);
      }
      assertDescribed(`${at}.${key}`, property);
    }
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
