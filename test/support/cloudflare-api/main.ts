// The fake API as a process of its own: `node test/support/cloudflare-api/main.ts --port-file F [--port N]`.
// It ends when its standard input does or on SIGTERM. What it holds can be read and changed below `/fake`:
// `GET /fake/state`, `POST /fake/fail {route, times, fault, skip}`.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { CloudflareAnswer } from './envelope.ts';
import { ok, record } from './envelope.ts';
import type { Fault } from './faults.ts';
import { startFakeCloudflare } from './server.ts';

const { values } = parseArgs({
  options: {
    'port-file': { type: 'string' },
    port: { type: 'string', default: '0' },
    token: { type: 'string' },
    addresses: { type: 'string', default: 'loopback' },
  },
});

const fake = await startFakeCloudflare({
  port: Number(values.port),
  ...(values.token === undefined ? {} : { token: values.token }),
  addresses: values.addresses === 'workers.dev' ? 'workers.dev' : 'loopback',
  routes: {
    '*GET /fake/state': (): CloudflareAnswer =>
      ok({
        requests: fake.requests.map(({ method, path }) => `${method} ${path}`),
        refused: fake.refused,
        served: fake.served,
        workers: [...fake.workers.values()].map((worker) => ({
          ...worker,
          versions: worker.versions.map((version) => ({ ...version, modules: [...version.modules.keys()] })),
        })),
        buckets: [...fake.r2.buckets.keys()],
        namespaces: [...fake.kv.namespaces.values()].map(({ id, title }) => ({ id, title })),
        databases: [...fake.d1.databases.values()].map(({ uuid, name }) => ({ uuid, name })),
      }),
    '*POST /fake/fail': ({ body }): CloudflareAnswer => {
      const { route, times, fault, skip } = record(body, 'a fault');
      fake.fail(String(route), Number(times ?? 1), fault as Fault, Number(skip ?? 0));
      return ok(null);
    },
  },
});

const file = values['port-file'];
if (file !== undefined) writeFileSync(file, `${new URL(fake.origin).port}\n`);
process.stdout.write(`${fake.url}\n`);

const end = () => void fake.close().then(() => process.exit(0));
process.once('SIGTERM', end);
process.once('SIGINT', end);
process.stdin.once('end', end).resume();
