import * as z from 'zod/mini';
import { type Configuration, configuration } from './configuration.ts';
import type { Env } from './env.ts';

/** A configuration as it was written, by the revision that this write has alone. */
export interface StoredConfiguration {
  readonly revision: string;
  readonly value: Configuration;
}

/** What has to be true for a write to happen: the revision that is replaced, or that there is none yet. */
export type Precondition = { readonly revision: string } | 'absent' | undefined;

const storedRow = z.object({ revision: z.string(), value: z.string() });
const dayInSeconds = 86_400;

/**
 * The configuration of an organisation. D1 says which revision is the live one; the value comes from KV where that has
 * it. KV may be a minute behind, which does no harm: a copy goes by its revision, and what a revision holds never
 * changes. So a read after a write gives what was written, and a cache that fails costs time only.
 */
export async function readConfiguration(
  env: Env,
  organisation: string,
): Promise<StoredConfiguration | undefined> {
  const live = await env.DB.prepare('SELECT revision FROM configurations WHERE org_id = ?1')
    .bind(organisation)
    .first<string>('revision');
  if (live === null) return undefined;
  const cached = await readCopy(env, organisation, live);
  if (cached !== undefined) return { revision: live, value: cached };
  // In one row, so that what is kept under a revision is of that revision, whoever writes meanwhile.
  const found = await env.DB.prepare('SELECT revision, value FROM configurations WHERE org_id = ?1')
    .bind(organisation)
    .first();
  if (found === null) return undefined;
  const row = z.parse(storedRow, found);
  await keepCopy(env, organisation, row.revision, row.value);
  return { revision: row.revision, value: z.parse(configuration, JSON.parse(row.value)) };
}

/** @returns the new revision; undefined when the precondition does not hold, and nothing was written. */
export async function writeConfiguration(
  env: Env,
  organisation: string,
  value: Configuration,
  by: string,
  precondition: Precondition,
): Promise<string | undefined> {
  const revision = crypto.randomUUID();
  const text = JSON.stringify(value);
  const values = [organisation, revision, text, new Date().toISOString(), by];
  const insert =
    'INSERT INTO configurations (org_id, revision, value, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5)';
  const assign = 'revision = ?2, value = ?3, updated_at = ?4, updated_by = ?5';
  const statement =
    precondition === undefined
      ? env.DB.prepare(`${insert} ON CONFLICT (org_id) DO UPDATE SET ${assign}`).bind(...values)
      : precondition === 'absent'
        ? env.DB.prepare(`${insert} ON CONFLICT (org_id) DO NOTHING`).bind(...values)
        : env.DB.prepare(`UPDATE configurations SET ${assign} WHERE org_id = ?1 AND revision = ?6`).bind(
            ...values,
            precondition.revision,
          );
  const { meta } = await statement.run();
  if (meta.changes === 0) return undefined;
  await keepCopy(env, organisation, revision, text);
  return revision;
}

/** @returns false when there was none, or another revision than the one that is to be deleted. */
export async function deleteConfiguration(
  env: Env,
  organisation: string,
  revision: string | undefined,
): Promise<boolean> {
  const gone = await env.DB.prepare(
    'DELETE FROM configurations WHERE org_id = ?1 AND (?2 IS NULL OR revision = ?2) RETURNING revision',
  )
    .bind(organisation, revision ?? null)
    .first<string>('revision');
  if (gone === null) return false;
  await env.CONFIG_CACHE.delete(copyName(organisation, gone)).catch(tellOfCache);
  return true;
}

async function readCopy(
  env: Env,
  organisation: string,
  revision: string,
): Promise<Configuration | undefined> {
  try {
    const text = await env.CONFIG_CACHE.get(copyName(organisation, revision));
    if (text === null) return undefined;
    const parsed = z.safeParse(configuration, JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    tellOfCache(error);
    return undefined;
  }
}

async function keepCopy(env: Env, organisation: string, revision: string, text: string): Promise<void> {
  const options = { expirationTtl: dayInSeconds };
  await env.CONFIG_CACHE.put(copyName(organisation, revision), text, options).catch(tellOfCache);
}

function copyName(organisation: string, revision: string): string {
  return `configuration:${organisation}:${revision}`;
}

function tellOfCache(error: unknown): void {
  console.warn({ message: 'the cache failed', error: String(error) });
}
