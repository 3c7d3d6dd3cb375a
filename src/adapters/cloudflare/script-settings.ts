import type { CloudflareClient } from './api.ts';
import { pathPart } from './api-path.ts';

/** Sets what of a worker's settings belongs to none of its versions: `logpush`, `observability`, `tail_consumers`. */
export async function writeScriptSettings(
  client: CloudflareClient,
  worker: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const path = `${client.account}/workers/scripts/${pathPart(worker)}/script-settings`;
  await client.request('PATCH', path, { body: settings, repeatable: true });
}
