import * as z from 'zod/mini';
import { createKey, hashOf } from './api-key.ts';
import { type Scope, scopes } from './contract.ts';
import type { Env } from './env.ts';

const defaultScopes: Scope[] = scopes.filter((scope) => scope !== 'limits:reset');

export const keySettings = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(200)),
  scopes: z._default(z.array(z.enum(scopes)).check(z.minLength(1)), defaultScopes),
  expiresAt: z.optional(z.iso.datetime()),
});
export type KeySettings = z.infer<typeof keySettings>;

/** A key as it is listed: without the key itself, which nobody has any more. */
export interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

const listedRow = z.object({
  key_id: z.string(),
  name: z.string(),
  scopes: z.string(),
  created_at: z.string(),
  expires_at: z.nullable(z.string()),
  revoked_at: z.nullable(z.string()),
});

/** Makes a key; it is told this once. Undefined when there is no such organisation. */
export async function issueKey(
  env: Env,
  organisation: string,
  settings: KeySettings,
): Promise<{ readonly id: string; readonly key: string } | undefined> {
  const { keyId, key } = createKey();
  // Stored as `toISOString` writes it, so that two times compare as texts.
  const expiresAt = settings.expiresAt === undefined ? null : new Date(settings.expiresAt).toISOString();
  const { meta } = await env.DB.prepare(
    `INSERT INTO api_keys (key_id, org_id, name, key_hash, scopes, created_at, expires_at)
     SELECT ?1, org_id, ?3, ?4, ?5, ?6, ?7 FROM organisations WHERE org_id = ?2`,
  )
    .bind(
      keyId,
      organisation,
      settings.name,
      await hashOf(key),
      JSON.stringify(settings.scopes),
      new Date().toISOString(),
      expiresAt,
    )
    .run();
  return meta.changes === 0 ? undefined : { id: keyId, key };
}

export async function listKeys(env: Env, organisation: string): Promise<ListedKey[]> {
  const { results } = await env.DB.prepare(
    `SELECT key_id, name, scopes, created_at, expires_at, revoked_at FROM api_keys
     WHERE org_id = ?1 ORDER BY created_at, key_id`,
  )
    .bind(organisation)
    .all();
  return results.map((row) => {
    const found = z.parse(listedRow, row);
    return {
      id: found.key_id,
      name: found.name,
      scopes: z.parse(z.array(z.enum(scopes)), JSON.parse(found.scopes)),
      createdAt: found.created_at,
      expiresAt: found.expires_at,
      revokedAt: found.revoked_at,
    };
  });
}

/** The key is refused from now on; that there was one stays known. */
export async function revokeKey(env: Env, organisation: string, keyId: string): Promise<boolean> {
  const { meta } = await env.DB.prepare(
    'UPDATE api_keys SET revoked_at = ?3 WHERE org_id = ?1 AND key_id = ?2 AND revoked_at IS NULL',
  )
    .bind(organisation, keyId, new Date().toISOString())
    .run();
  return meta.changes > 0;
}
