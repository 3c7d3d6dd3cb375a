import * as z from 'zod/mini';
import { duration, httpUrl, name, path, port } from '../../src/core/config/fields.ts';
import { healthCheck } from '../../src/core/config/health-check.ts';
import { launchFile, runnerGroup } from '../../src/core/config/launch-file.ts';
import { serviceFile } from '../../src/core/config/service-file.ts';
import {
  displayName,
  instanceFile,
  requestsPerMinute,
  tokensPerMinute,
} from '../../src/core/instances/instance-file.ts';
import {
  appColor,
  appDescription,
  appLogo,
  appName,
  appSentence,
  appSummary,
  appUrl,
  appVersion,
  marketplaceAppFile,
  stackScriptId,
} from '../marketplace/app-file.ts';
import { instanceFileDocs, launchFileDocs, serviceFileDocs } from './config-docs.ts';
import type { Generator } from './generator.ts';
import { marketplaceAppDocs } from './marketplace-docs.ts';

interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** schemas/*.json, by which editors complete and check launch.yml, service.yml and the files of instances. */
export const configSchemas: Generator = {
  name: 'JSON Schemas of the configuration files',
  run: () =>
    new Map([
      ['schemas/instance.schema.json', `${JSON.stringify(instanceSchema(), undefined, 2)}\n`],
      ['schemas/marketplace-app.schema.json', `${JSON.stringify(marketplaceAppSchema(), undefined, 2)}\n`],
      ['schemas/launch.schema.json', `${JSON.stringify(launchSchema(), undefined, 2)}\n`],
      ['schemas/service.schema.json', `${JSON.stringify(serviceSchema(), undefined, 2)}\n`],
    ]),
};

export function launchSchema(): JsonSchema {
  return jsonSchema(
    launchFile,
    'launch.yml',
    'The settings of a repository that Launch deploys.',
    launchFileDocs,
  );
}

export function serviceSchema(): JsonSchema {
  return jsonSchema(serviceFile, 'service.yml', 'The settings of one service.', serviceFileDocs);
}

export function instanceSchema(): JsonSchema {
  return jsonSchema(
    instanceFile,
    'instance.json',
    "instances/<id>.json: an organisation's own copy of the workers.",
    instanceFileDocs,
  );
}

export function marketplaceAppSchema(): JsonSchema {
  return jsonSchema(
    marketplaceAppFile,
    'marketplace-app.json',
    'An app for the Linode Marketplace.',
    marketplaceAppDocs,
  );
}

/**
 * What a check in code means as JSON Schema. The schema may be looser than the code, never stricter: an editor
 * must not underline what Launch takes.
 */
const checksInCode = new Map<unknown, JsonSchema>([
  [name, { pattern: '^[a-z0-9][a-z0-9-]{0,62}$' }],
  [duration, { pattern: '^\\d+(\\.\\d+)?(ms|s|m|h)$' }],
  [path, { pattern: '^[^/]' }],
  [port, { type: 'integer', minimum: 1, maximum: 65_535 }],
  [httpUrl, { pattern: '^https?://[^\\s/]+' }],
  [
    healthCheck,
    {
      oneOf: ['http', 'tcp', 'command', 'container'].map((kind) => ({ required: [kind] })),
      dependencies: Object.fromEntries(
        ['status', 'body', 'headers', 'expect-headers'].map((key) => [key, ['http']]),
      ),
    },
  ],
  [runnerGroup, { minProperties: 1 }],
  [displayName, { minLength: 1, maxLength: 120 }],
  [requestsPerMinute, { type: 'integer', minimum: 1, maximum: 100_000 }],
  [tokensPerMinute, { type: 'integer', minimum: 1, maximum: 1_000_000_000 }],
  [appName, { minLength: 1, maxLength: 60 }],
  [appSentence, { minLength: 1, maxLength: 120 }],
  [appSummary, { minLength: 1, maxLength: 250 }],
  [appDescription, { pattern: '^\\s*\\S+(?:\\s+\\S+){99,124}\\s*$' }],
  [appColor, { pattern: '^[0-9a-f]{6}$' }],
  [appUrl, { pattern: '^https://[^\\s/]+(/\\S*)?$' }],
  [appLogo, { pattern: '^[a-z0-9-]+\\.svg$' }],
  [appVersion, { pattern: '^\\d+\\.\\d+\\.\\d+$' }],
  [stackScriptId, { type: 'integer', minimum: 1 }],
  [serviceFile, { not: { required: ['target', 'targets'] } }],
]);

function jsonSchema(
  schema: z.ZodMiniType,
  file: string,
  description: string,
  docs: Readonly<Record<string, string>>,
): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema: json }) => {
      Object.assign(json, checksInCode.get(zodSchema));
      // zod notes where a pattern came from in a format that no validator knows.
      if (json.format === 'starts_with') delete json.format;
    },
  });
  const undescribed = new Set(Object.keys(docs));
  // A copy, because zod uses one object for every place where a schema is used.
  const { $schema, ...rest } = withDescriptions(JSON.parse(JSON.stringify(made)), '', (key) => {
    undescribed.delete(key);
    const doc = docs[key];
    if (doc === undefined) throw new Error(`config-docs.ts says nothing about ${key} of ${file}`);
    return doc;
  });
  if (undescribed.size > 0) {
    throw new Error(`config-docs.ts describes what ${file} does not have: ${[...undescribed].join(', ')}`);
  }
  return { $schema, $id: `urn:launch:${file}`, title: file, description, ...rest };
}

/** With a description for each key; that of a list's items is `list[].key`, of a map's values `map.*.key`. */
function withDescriptions(schema: JsonSchema, at: string, docOf: (key: string) => string): JsonSchema {
  const inside = (value: unknown, where: string): unknown =>
    isSchema(value) ? withDescriptions(value, where, docOf) : value;
  const property = ([key, value]: [string, unknown]) => {
    const name = at === '' ? key : `${at}.${key}`;
    return [
      key,
      { description: docOf(name), ...(isSchema(value) ? withDescriptions(value, name, docOf) : {}) },
    ];
  };
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === 'properties' && isSchema(value)) {
      return [keyword, Object.fromEntries(Object.entries(value).map(property))];
    }
    if (keyword === 'items') return [keyword, inside(value, `${at}[]`)];
    if (keyword === 'additionalProperties') return [keyword, inside(value, `${at}.*`)];
    if (keyword === 'anyOf' && Array.isArray(value)) return [keyword, value.map((it) => inside(it, at))];
    return [keyword, value];
  });
  return Object.fromEntries(entries);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
