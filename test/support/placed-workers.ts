// Workers that are at the stand-in for Cloudflare already, without a deployment.
import type { FakeCloudflare } from './cloudflare-api/server.ts';
import { addVersion, deploy, makeWorker, type Version, type Worker } from './cloudflare-api/worker-state.ts';

function stateOf(fake: FakeCloudflare) {
  // The map is read-only to those who only look.
  return { account: fake.account, workers: fake.workers as Map<string, Worker>, clock: Date.now() };
}

/** One more version of a worker, with all of the traffic; its text is what it answers. */
export function placeVersion(fake: FakeCloudflare, name: string, text: string, status = 200): Version {
  const state = stateOf(fake);
  const worker = fake.workers.get(name) ?? makeWorker(state, name);
  worker.subdomain = { enabled: true, previews_enabled: false };
  const version = addVersion(state, worker, {
    annotations: {},
    bindings: [],
    mainModule: 'index.js',
    modules: new Map([['index.js', `new Response("${text}", { status: ${status} })`]]),
    compatibilityDate: '2026-11-01',
    compatibilityFlags: [],
    migrationTag: undefined,
  });
  const versions = [{ version_id: version.id, percentage: 100 }];
  deploy(state, worker, versions, {}, true);
  return version;
}

/** What a worker answers to all of its requests now. */
export async function answerOf(fake: FakeCloudflare, name: string): Promise<string> {
  const response = await fetch(fake.workerUrl(name), { signal: AbortSignal.timeout(5000) });
  return await response.text();
}
