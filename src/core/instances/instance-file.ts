import * as z from 'zod/mini';
import { name, secretName } from '../config/fields.ts';

/** It becomes a part of names of workers, namespaces and buckets. */
const idPattern = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

export function isInstanceId(id: string): boolean {
  return idPattern.test(id);
}

/** The rule of `isInstanceId`, ready to follow the name of what breaks it. */
export const instanceIdRule =
  'use 1 to 40 lower-case letters, digits and hyphens, with a letter or digit at both ends';

const instanceId = z
  .string()
  .check(z.regex(idPattern, { error: `is not an instance id; ${instanceIdRule}` }));

const organisationId = z.string().check(
  z.regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?$/, {
    error:
      'is not an organisation id; use 1 to 64 letters, digits, dots, hyphens and underscores, with a letter or digit at both ends',
  }),
);

/** Shown to people and kept as it is; half of a surrogate pair has no form in UTF-8 and would not come back. */
export const displayName = z.string().check(
  z.refine((text) => text.length >= 1 && text.length <= 120, { error: 'must have 1 to 120 characters' }),
  z.refine((text) => text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text), {
    error: 'must be one line of text without control characters',
  }),
);

const bucketName = z.string().check(
  z.regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, {
    error: 'is not a bucket name; use 3 to 63 lower-case letters, digits and hyphens',
  }),
);

const databaseName = z.string().check(
  z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, {
    error: 'is not a database name; use 1 to 63 letters, digits, underscores and hyphens',
  }),
);

const provider = z.string().check(
  z.regex(/^[a-z][a-z0-9_-]{0,62}$/, {
    error: 'is not the name of a provider; use lower-case letters, digits, hyphens and underscores',
  }),
);

const upTo = (most: number) =>
  z.number().check(
    z.refine((count) => Number.isInteger(count) && count >= 1 && count <= most, {
      error: `must be a whole number from 1 to ${most}`,
    }),
  );
export const requestsPerMinute = upTo(100_000);
export const tokensPerMinute = upTo(1_000_000_000);

const limits = z.strictObject({
  /** Requests in any minute. */
  rpm: z.optional(requestsPerMinute),
  /** Tokens in any minute. */
  tpm: z.optional(tokensPerMinute),
});
export type RateLimits = z.infer<typeof limits>;

/** Credentials of the deployment itself are no business of a worker. */
const keyName = secretName.check(
  z.refine((text) => !/^(CLOUDFLARE|GITHUB|ACTIONS|RUNNER|INPUT|LAUNCH)_/i.test(text), {
    error: 'is a name of the deployment itself, which no worker gets',
  }),
);

/** Where a secret's value comes from: by the worker's name for it, the name under which it is handed over. */
const apiKeys = z.union([z.array(keyName), z.record(keyName, keyName)]);

export const environments = ['production', 'staging', 'development'] as const;

/** `instances/<id>.json`: an organisation's own copy of the workers. It holds names of secrets, never their values. */
export const instanceFile = z.strictObject({
  $schema: z.optional(z.string()),
  instance_id: instanceId,
  org_id: organisationId,
  name: z.optional(displayName),
  environment: z.enum(environments),
  api_keys: z._default(apiKeys, []),
  rate_limits: z._default(z.union([limits, z.record(provider, limits)]), {}),
  r2_bucket: z.optional(bucketName),
  database: z.optional(databaseName),
  workers: z.optional(z.array(name).check(z.minLength(1, { error: 'is empty; name at least one worker' }))),
});

export type InstanceFile = z.infer<typeof instanceFile>;
