import * as z from 'zod/mini';
import { type CloudflareClient, unreadable } from './api.ts';
import { pathPart } from './api-path.ts';
import { type Ensured, ensure } from './ensure.ts';
import { cloudflareCodeOf, cloudflareStatusOf } from './failure.ts';

export interface Database {
  readonly id: string;
  /** Unique in the account. */
  readonly name: string;
}

/** A statement and what stands for its `?`; never put a foreign text into the statement itself. */
export interface Statement {
  readonly sql: string;
  readonly params?: readonly string[];
}

export interface StatementResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** How many rows it changed. */
  readonly changes: number;
}

const database = z.object({ uuid: z.string(), name: z.string() });

const results = z.array(
  z.object({
    results: z.optional(z.array(z.record(z.string(), z.unknown()))),
    success: z.optional(z.boolean()),
    meta: z.optional(z.object({ changes: z.optional(z.number()) })),
  }),
);

/** The code of a name that is taken (what the real API answers was not tried). */
const nameTaken = 7502;

/** @returns undefined when there is none of that name */
export async function findDatabase(client: CloudflareClient, name: string): Promise<Database | undefined> {
  // The filter finds what contains the name as well.
  for await (const item of client.list(path(client), { query: { name }, pageSize: 100 })) {
    const found = read(client, item);
    if (found.name === name) return found;
  }
  return undefined;
}

/** Makes sure that there is a database of that name; one that is there already is taken as it is. */
export async function ensureDatabase(client: CloudflareClient, name: string): Promise<Ensured<Database>> {
  return await ensure({
    find: () => findDatabase(client, name),
    make: async () => read(client, await client.request('POST', path(client), { body: { name } })),
    isTaken: (error) => cloudflareCodeOf(error) === nameTaken,
  });
}

/**
 * Runs statements as one transaction and gives a result for each.
 *
 * @param repeatable whether running them twice does no harm; only then they are sent again when the answer is lost
 */
export async function query(
  client: CloudflareClient,
  id: string,
  statements: readonly Statement[],
  repeatable: boolean,
): Promise<readonly StatementResult[]> {
  const [first, ...more] = statements;
  if (first === undefined) return [];
  const body = more.length === 0 ? first : { batch: statements };
  const answer = await client.request('POST', `${of(client, id)}/query`, { body, repeatable });
  const parsed = results.safeParse(answer);
  if (!parsed.success) throw unreadable(`${of(client, id)}/query`, parsed.error);
  return parsed.data.map((result) => ({ rows: result.results ?? [], changes: result.meta?.changes ?? 0 }));
}

/** @returns false when it was gone already */
export async function deleteDatabase(client: CloudflareClient, id: string): Promise<boolean> {
  try {
    await client.request('DELETE', of(client, id));
    return true;
  } catch (error) {
    if (cloudflareStatusOf(error) === 404) return false;
    throw error;
  }
}

function path(client: CloudflareClient): string {
  return `${client.account}/d1/database`;
}

function of(client: CloudflareClient, id: string): string {
  return `${path(client)}/${pathPart(id)}`;
}

function read(client: CloudflareClient, item: unknown): Database {
  const parsed = database.safeParse(item);
  if (parsed.success) return { id: parsed.data.uuid, name: parsed.data.name };
  throw unreadable(path(client), parsed.error);
}
