// Servers that do what a model's script may not count on: they take their time, send elsewhere, begin anew.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createHost, type Host } from '../../support/ai-sandbox/host.ts';
import { closeServers, httpServer } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

const shard = 'model-00001-of-00002.safetensors';

requireTools(
  'root',
  'curl',
  'compose',
)('the script of the AI sandbox', () => {
  let host: Host;
  beforeEach(async () => {
    host = await createHost();
  });
  afterEach(async () => {
    await host.close();
    closeServers();
    removeRepositories();
  });

  it('begins a file anew at a server that can not continue one', async () => {
    host.hub.fault = { on: shard, cutAfter: 80_000, times: 1 };
    host.hub.onRequest = (url) => {
      // The second request for it is the one that wants to continue.
      const asked = host.hub.requests.filter((request) => request.url.endsWith(shard)).length;
      if (url.endsWith(shard) && asked === 2) host.hub.fault = { on: shard, ignoresRange: true, times: 1 };
    };
    expect([(await host.run()).status, host.status().error]).toEqual([0, null]);
    const ranges = host.hub.requests.filter(({ url }) => url.endsWith(shard)).map(({ range }) => range);
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]/), undefined]);
  });

  it('shows the token to the hub, and to nobody whom the hub sends it to', async () => {
    const shown: (string | undefined)[] = [];
    const { port } = await httpServer((request, response) => {
      shown.push(request.headers.authorization);
      response.end(host.hub.files.get(request.url?.slice(1) ?? ''));
    });
    host.hub.storage = `http://localhost:${port}`;
    host.hub.token = 'hf_abcdefghijkl';
    host.env['HF_TOKEN_PASSWORD'] = 'hf_abcdefghijkl';
    expect([(await host.run()).status, host.status().error]).toEqual([0, null]);
    expect(shown.length).toBeGreaterThan(2);
    expect(new Set(shown)).toEqual(new Set([undefined]));
  });

  it('waits for a model that takes its time, and keeps its settings to itself', async () => {
    host.machine.loadsMs = 2500;
    expect([(await host.run()).status, host.status().error]).toEqual([0, null]);
    const mode = (path: string) => (statSync(join(host.system.root, path)).mode & 0o777).toString(8);
    const folders = ['/var/lib/ai-sandbox', '/opt/open-webui'];
    expect(folders.map(mode)).toEqual(['700', '700']);
    expect(mode('/var/lib/ai-sandbox/settings')).toBe('600');
  });

  it('reads nothing into the stack that the shell has exported', async () => {
    Object.assign(host.env, {
      VLLM_API_KEY: 'of-the-shell',
      COMPOSE_PROJECT_NAME: 'other',
      WEBUI_IMAGE: 'x',
    });
    expect([(await host.run()).status, host.status().error]).toEqual([0, null]);
    expect(host.secret('VLLM_API_KEY')).toMatch(/^sk-/);
    const environments = host.calls.map((call) => JSON.stringify(call));
    expect(environments.filter((call) => call.includes('of-the-shell'))).toEqual([]);
  });
});
