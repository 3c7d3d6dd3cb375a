import { type CloudflareClient, cloudflareClient } from '../../adapters/cloudflare/api.ts';
import type { WorkerContext } from '../worker/request.ts';

/** For what an instance consists of beside its workers. */
export function instanceClient({ account, signal }: WorkerContext): CloudflareClient {
  return cloudflareClient({
    token: account.apiToken,
    accountId: account.accountId,
    apiUrl: account.apiUrl,
    signal,
  });
}
