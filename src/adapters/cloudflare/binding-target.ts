import { LaunchError } from '../../core/errors.ts';
import type { CloudflareClient } from './api.ts';
import { pathPart } from './api-path.ts';
import { cloudflareStatusOf } from './failure.ts';

/** Where the API shows what a binding of a kind leads to. */
const places = new Map<string, (target: string) => string>([
  ['d1', (id) => `/d1/database/${id}`],
  ['kv_namespace', (id) => `/storage/kv/namespaces/${id}`],
  ['r2_bucket', (name) => `/r2/buckets/${name}`],
  ['service', (name) => `/workers/services/${name}`],
  ['durable_object_namespace', (name) => `/workers/services/${name}`],
]);

/** Whether what a binding leads to is still there; true also where the token may not look. */
export async function isBindingTargetThere(
  client: CloudflareClient,
  { type, leadsTo }: { readonly type: string; readonly leadsTo: string | undefined },
): Promise<boolean> {
  const place = places.get(type);
  if (place === undefined || leadsTo === undefined) return true;
  try {
    await client.request('GET', `${client.account}${place(pathPart(leadsTo))}`);
    return true;
  } catch (error) {
    if (cloudflareStatusOf(error) === 404) return false;
    if (error instanceof LaunchError && error.code === 'API_AUTH') return true;
    throw error;
  }
}
