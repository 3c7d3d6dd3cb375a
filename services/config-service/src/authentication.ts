import * as z from 'zod/mini';
import { hashOf, keyIdOf, noHash, sameHash } from './api-key.ts';
import { imageProviders, type Principal, scopes } from './contract.ts';
import { defaultLimits } from './default-limits.ts';
import type { Env } from './env.ts';

/** The organisation that deployments are tried out with. Its images cost nothing. */
export const testOrganisation = 'e2e-test';

const keyRow = z.object({
  org_id: z.string(),
  // D1 gives the bytes of a BLOB as a list.
  key_hash: z.array(z.number()),
  scopes: z.string(),
  requests_per_minute: z.nullable(z.number()),
  tokens_per_minute: z.nullable(z.number()),
  image_provider: z.nullable(z.enum(imageProviders)),
});

/** Whose key it is; undefined for one that is unknown, revoked or expired. */
export async function authenticate(env: Env, key: string): Promise<Principal | undefined> {
  const hash = await hashOf(key);
  if (await isSecret(hash, env.TEST_API_KEY)) return await testPrincipal(env);
  const keyId = keyIdOf(key);
  const found =
    keyId === undefined
      ? null
      : await env.DB.prepare(
          `SELECT k.org_id, k.key_hash, k.scopes, o.requests_per_minute, o.tokens_per_minute, o.image_provider
           FROM api_keys k JOIN organisations o ON o.org_id = k.org_id
           WHERE k.key_id = ?1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ?2)`,
        )
          .bind(keyId, new Date().toISOString())
          .first();
  const row = found === null ? undefined : z.parse(keyRow, found);
  const isRight = sameHash(hash, row === undefined ? noHash : new Uint8Array(row.key_hash).buffer);
  if (row === undefined || keyId === undefined || !isRight) return undefined;
  const usual = defaultLimits(env);
  return {
    organisation: row.org_id,
    keyId,
    scopes: z.parse(z.array(z.enum(scopes)), JSON.parse(row.scopes)),
    rateLimits: {
      requestsPerMinute: row.requests_per_minute ?? usual.requestsPerMinute,
      tokensPerMinute: row.tokens_per_minute ?? usual.tokensPerMinute,
    },
    imageProvider: row.image_provider ?? undefined,
  };
}

/** Whether it is the operator's own key. */
export async function isAdministrator(env: Env, key: string): Promise<boolean> {
  return await isSecret(await hashOf(key), env.ADMIN_API_KEY);
}

async function isSecret(hash: ArrayBuffer, secret: string | undefined): Promise<boolean> {
  if (secret === undefined || secret === '') return false;
  return sameHash(hash, await hashOf(secret));
}

async function testPrincipal(env: Env): Promise<Principal> {
  await env.DB.prepare(
    'INSERT INTO organisations (org_id, name, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING',
  )
    .bind(testOrganisation, 'Tests of deployments', new Date().toISOString())
    .run();
  return {
    organisation: testOrganisation,
    keyId: 'test',
    scopes,
    rateLimits: defaultLimits(env),
    imageProvider: 'test',
  };
}
