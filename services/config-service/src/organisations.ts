import * as z from 'zod/mini';
import { type RateLimits, rateLimits } from '../../shared/src/organisation.ts';
import { type ImageProviderName, imageProviders } from './contract.ts';
import type { Env } from './env.ts';

/** What the operator decides for an organisation; what is left out has the worker's default. */
export const organisationSettings = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(200)),
  rateLimits: z.optional(rateLimits),
  imageProvider: z.optional(z.enum(imageProviders)),
});
export type OrganisationSettings = z.infer<typeof organisationSettings>;

export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly rateLimits: RateLimits | null;
  readonly imageProvider: ImageProviderName | null;
  readonly createdAt: string;
}

const organisationRow = z.object({
  org_id: z.string(),
  name: z.string(),
  requests_per_minute: z.nullable(z.number()),
  tokens_per_minute: z.nullable(z.number()),
  image_provider: z.nullable(z.enum(imageProviders)),
  created_at: z.string(),
});

/** At most this many at once. */
export const organisationsPerPage = 100;

/** The organisations by id, those behind `after`. */
export async function listOrganisations(env: Env, after: string): Promise<Organisation[]> {
  const { results } = await env.DB.prepare(
    'SELECT * FROM organisations WHERE org_id > ?1 ORDER BY org_id LIMIT ?2',
  )
    .bind(after, organisationsPerPage)
    .all();
  return results.map(organisationOf);
}

export async function readOrganisation(env: Env, id: string): Promise<Organisation | undefined> {
  const row = await env.DB.prepare('SELECT * FROM organisations WHERE org_id = ?1').bind(id).first();
  return row === null ? undefined : organisationOf(row);
}

/** Makes the organisation, or replaces what was decided for it. */
export async function writeOrganisation(env: Env, id: string, settings: OrganisationSettings): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO organisations (org_id, name, requests_per_minute, tokens_per_minute, image_provider, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (org_id) DO UPDATE
     SET name = ?2, requests_per_minute = ?3, tokens_per_minute = ?4, image_provider = ?5`,
  )
    .bind(
      id,
      settings.name,
      settings.rateLimits?.requestsPerMinute ?? null,
      settings.rateLimits?.tokensPerMinute ?? null,
      settings.imageProvider ?? null,
      new Date().toISOString(),
    )
    .run();
}

/** Its keys and its configuration go with it. */
export async function deleteOrganisation(env: Env, id: string): Promise<boolean> {
  const { meta } = await env.DB.prepare('DELETE FROM organisations WHERE org_id = ?1').bind(id).run();
  return meta.changes > 0;
}

function organisationOf(row: unknown): Organisation {
  const found = z.parse(organisationRow, row);
  const { requests_per_minute: requestsPerMinute, tokens_per_minute: tokensPerMinute } = found;
  const isLimited = requestsPerMinute !== null && tokensPerMinute !== null;
  return {
    id: found.org_id,
    name: found.name,
    rateLimits: isLimited ? { requestsPerMinute, tokensPerMinute } : null,
    imageProvider: found.image_provider,
    createdAt: found.created_at,
  };
}
