import * as z from 'zod/mini';
import type { Env } from './env.ts';

/** An instance as its organisation may see it. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  /** Worker to address. */
  readonly workerUrls: Readonly<Record<string, string>>;
}

const instanceRow = z.object({ instance_id: z.string(), name: z.string(), config: z.string() });
const instanceConfig = z.object({ worker_urls: z.catch(z.record(z.string(), z.string()), {}) });

/** What `launch instance` has deployed for an organisation. */
export async function listInstances(env: Env, organisation: string): Promise<Instance[]> {
  const { results } = await env.DB.prepare(
    'SELECT instance_id, name, config FROM instances WHERE org_id = ?1 ORDER BY instance_id',
  )
    .bind(organisation)
    .all();
  return results.map((row) => {
    const { instance_id: id, name, config } = z.parse(instanceRow, row);
    return { id, name, workerUrls: workerUrlsIn(config) };
  });
}

/** None in a row that somebody else has written in another way. */
function workerUrlsIn(config: string): Instance['workerUrls'] {
  try {
    return z.parse(instanceConfig, JSON.parse(config)).worker_urls;
  } catch {
    return {};
  }
}
