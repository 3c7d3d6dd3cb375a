import * as z from 'zod/mini';

// What Launch reads of a wrangler configuration. Whatever else stands there is wrangler's own business and is
// kept as it is.

const text = z.string().check(z.minLength(1, { error: 'is empty' }));

const d1Database = z.looseObject({
  binding: text,
  database_name: z.optional(text),
  database_id: z.optional(z.string()),
  preview_database_id: z.optional(z.string()),
  migrations_dir: z.optional(text),
  migrations_table: z.optional(text),
});
export type D1Binding = z.infer<typeof d1Database>;

const r2Bucket = z.looseObject({
  binding: text,
  bucket_name: z.optional(z.string()),
  jurisdiction: z.optional(text),
});
export type R2Binding = z.infer<typeof r2Bucket>;

const kvNamespace = z.looseObject({ binding: text, id: z.optional(z.string()) });
export type KvBinding = z.infer<typeof kvNamespace>;

const service = z.looseObject({
  binding: text,
  service: text,
  environment: z.optional(text),
  entrypoint: z.optional(text),
});
export type ServiceBinding = z.infer<typeof service>;

const durableObject = z.looseObject({
  name: text,
  class_name: text,
  script_name: z.optional(text),
  environment: z.optional(text),
});
export type DurableObjectBinding = z.infer<typeof durableObject>;

const migration = z.looseObject({
  tag: text,
  new_classes: z.optional(z.array(text)),
  new_sqlite_classes: z.optional(z.array(text)),
  renamed_classes: z.optional(z.array(z.looseObject({ from: text, to: text }))),
  deleted_classes: z.optional(z.array(text)),
  transferred_classes: z.optional(z.array(z.looseObject({ from: text, from_script: text, to: text }))),
});
export type DurableObjectMigration = z.infer<typeof migration>;

const rateLimit = z.looseObject({
  name: text,
  namespace_id: z.union([text, z.number()]),
  simple: z.optional(z.looseObject({ limit: z.number(), period: z.number() })),
});
export type RateLimitBinding = z.infer<typeof rateLimit>;

const route = z.union([text, z.looseObject({ pattern: text, custom_domain: z.optional(z.boolean()) })]);
export type WranglerRoute = z.infer<typeof route>;

/** What may stand at the top and in an environment. */
const settings = {
  name: z.optional(z.string()),
  account_id: z.optional(z.string()),
  main: z.optional(text),
  compatibility_date: z.optional(text),
  workers_dev: z.optional(z.boolean()),
  preview_urls: z.optional(z.boolean()),
  route: z.optional(route),
  routes: z.optional(z.array(route)),
  vars: z.optional(z.record(z.string(), z.unknown())),
  secrets: z.optional(z.looseObject({ required: z.optional(z.array(text)) })),
  d1_databases: z.optional(z.array(d1Database)),
  r2_buckets: z.optional(z.array(r2Bucket)),
  kv_namespaces: z.optional(z.array(kvNamespace)),
  services: z.optional(z.array(service)),
  durable_objects: z.optional(z.looseObject({ bindings: z.optional(z.array(durableObject)) })),
  ratelimits: z.optional(z.array(rateLimit)),
  migrations: z.optional(z.array(migration)),
};

const environment = z.looseObject(settings);
export type WranglerEnvironment = z.infer<typeof environment>;

/** `wrangler.json`, `wrangler.jsonc` or `wrangler.toml`, as far as Launch reads it. */
export const wranglerFile = z.looseObject({
  ...settings,
  env: z.optional(z.record(z.string(), environment)),
});
export type WranglerFile = z.infer<typeof wranglerFile>;
