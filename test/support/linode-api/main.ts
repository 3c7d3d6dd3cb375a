// The fake API as a process of its own: `node test/support/linode-api/main.ts --port-file F [--port N] [--serves]`.
// It ends when its standard input does or on SIGTERM; `--stay` leaves standard input alone. What it holds can be read
// and changed below `/fake`: `GET /fake/state`, `POST /fake/fail {route, times, fault, skip}`,
// `POST /fake/set {full, restricted, closed, availability, bootMs, failNext}`.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Fault } from '../cloudflare-api/faults.ts';
import { fields, type LinodeAnswer, ok, texts } from './envelope.ts';
import { startFakeLinode } from './server.ts';

const { values } = parseArgs({
  options: {
    'port-file': { type: 'string' },
    port: { type: 'string', default: '0' },
    token: { type: 'string' },
    /** Of every instance; default one of its own. */
    address: { type: 'string' },
    serves: { type: 'boolean', default: false },
    'boot-ms': { type: 'string' },
    stay: { type: 'boolean', default: false },
  },
});

const fake = await startFakeLinode({
  port: Number(values.port),
  token: values.token,
  address: values.address,
  serves: values.serves,
  bootMs: values['boot-ms'] === undefined ? undefined : Number(values['boot-ms']),
  routes: {
    '*GET /fake/state': (): LinodeAnswer => {
      fake.instances.settle();
      return ok({
        requests: fake.requests.map(({ method, path }) => `${method} ${path}`),
        refused: fake.refused,
        made: fake.instances.made,
        instances: [...fake.instances.instances.values()],
        firewalls: [...fake.firewalls.firewalls.values()].map((it) => ({ ...it, linodes: [...it.linodes] })),
        stackscripts: [...fake.stackscripts.stackscripts.values()],
        events: fake.account.events,
      });
    },
    '*POST /fake/fail': (request): LinodeAnswer => {
      const { route, times, fault, skip } = fields(request, ['route', 'times', 'fault', 'skip']);
      fake.fail(String(route), Number(times ?? 1), fault as Fault, Number(skip ?? 0));
      return ok({});
    },
    '*POST /fake/set': (request): LinodeAnswer => {
      const known = ['full', 'restricted', 'closed', 'availability', 'bootMs', 'failNext'];
      const given = fields(request, known);
      const { account, instances, offers } = fake;
      if (given['full'] !== undefined) replace(offers.full, texts(given['full'], 'full'));
      if (given['closed'] !== undefined) replace(account.closed, texts(given['closed'], 'closed'));
      if (given['restricted'] !== undefined) {
        account.profile = { ...account.profile, restricted: given['restricted'] === true };
      }
      if (Array.isArray(given['availability'])) {
        offers.availability.splice(0, offers.availability.length, ...given['availability']);
      }
      if (given['bootMs'] !== undefined) instances.bootMs = Number(given['bootMs']);
      const { failNext } = given;
      if (failNext === 'linode_create' || failNext === 'linode_boot') instances.failNext = failNext;
      return ok({});
    },
  },
});

function replace(set: Set<string>, items: readonly string[]): void {
  set.clear();
  for (const item of items) set.add(item);
}

const file = values['port-file'];
if (file !== undefined) writeFileSync(file, `${new URL(fake.origin).port}\n`);
process.stdout.write(`${fake.url}\n`);

const end = () => void fake.close().then(() => process.exit(0));
process.once('SIGTERM', end);
process.once('SIGINT', end);
if (!values.stay) process.stdin.once('end', end).resume();
