import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { isLocked } from '../../../src/adapters/state/flock.ts';
import { remains } from '../../support/after-a-kill.ts';
import {
  createHost,
  type DeployHost,
  startDeployment,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();

const suite = deploySuite('caddy');

// All of them take many minutes: LAUNCH_KILL_POINTS=all goes through every one, else
// every second of those before which the journal has just been, or is about to be, written,
// or at which requests are led elsewhere, with and without the guardian in turn; of `rolling`,
// which goes the way of `blue-green` container by container, only those that are its own.
const all = process.env['LAUNCH_KILL_POINTS'] === 'all';

/** A way to replace a release. */
interface Way {
  /** Commits a release that answers with this page. */
  release(host: DeployHost, page: string): void;
  get(host: DeployHost): Promise<string>;
  readonly replicas: number;
  /** Whether one of both releases serves at every moment, whoever was killed. */
  readonly isLossless: boolean;
  readonly effects: readonly RegExp[];
}

const ways: Record<string, Way> = {
  recreate: {
    replicas: 1,
    isLossless: false,
    release: (host, page) => {
      const extra = `    environment: { PAGE: "${page}" }\n    stop_grace_period: 1s\n`;
      host.commit({
        'compose.yml': webService(host.port, extra),
        'service.yml': webHealth(host.port),
        'html/index.html': page,
      });
    },
    get: async (host) => await host.get(),
    effects: [/^run Start /],
  },
  'blue-green': behindTheEdge('blue-green', 1),
  rolling: behindTheEdge('rolling', 2),
};

const database =
  '  app:\n    image: launch-test/app:1\n    volumes: ["store:/store"]\nvolumes: { store: {} }\n';

function behindTheEdge(strategy: string, replicas: number): Way {
  return {
    replicas,
    isLossless: true,
    release: (host, page) => {
      host.commit({
        'compose.yml': routedCompose({ version: page, replicas, others: database }),
        'service.yml': routedSettings(host.service, strategy, 'stateful: [app]\n'),
        ...routedFiles(page),
      });
    },
    get: async (host) => (await edge.get(host.service, '/version')).text,
    effects: [/^run Start the new web .* beside the old/, /^journal switch/, /^PATCH .* of the edge proxy$/],
  };
}

for (const [name, way] of Object.entries(ways)) {
  suite(`${name}: a deployment that is killed before each of its effects`, () => {
    let host: DeployHost;
    let effects: string[];
    let database: string | undefined;
    const turns = { count: 0 };

    beforeAll(async () => {
      host = await createHost();
      edge.announce(host.stateDir);
      way.release(host, 'page 0');
      await host.deploy();
      database = host.containers()['app-1']?.id;
      way.release(host, 'page 1');
      const whole = startDeployment(host.request());
      await whole.ended;
      effects = Array.from(whole.output().matchAll(/^effect \d+: (.*)$/gm), ([, it = '']) => it);
    });

    it('has effects to be killed before', () => {
      for (const effect of [/^journal start$/, /^journal verified$/, /^set current$/, ...way.effects]) {
        expect(effects).toEqual(expect.arrayContaining([expect.stringMatching(effect)]));
      }
      expect(effects.length).toBeGreaterThan(12);
    });

    for (const killGuardian of [false, true]) {
      it(`is undone or finished, ${killGuardian ? 'its guardian killed, too: by the next run' : 'by its guardian'}`, async () => {
        const wrong: string[] = [];
        const tried = [...effects.entries()].filter(([at]) => isTried(name, effects, at));
        for (const [nth, [at, effect]] of tried.entries()) {
          if (!all && nth % 4 !== (killGuardian ? 2 : 0)) continue;
          turns.count += 1;
          const found = await killBefore(way, host, { killAt: at + 1, killGuardian, turn: turns.count });
          // A database is none of its business.
          if (host.containers()['app-1']?.id !== database) found.push('the database is another container');
          wrong.push(...found.map((it) => `killed before "${effect}" (${at + 1}): ${it}`));
        }
        expect(wrong).toEqual([]);
      }, 1_800_000);
    }
  });
}

function isTried(name: string, effects: readonly string[], at: number): boolean {
  if (all) return true;
  if (name === 'rolling') return ways[name]?.effects.some((it) => it.test(effects[at] ?? '')) === true;
  const isNear = [at - 1, at].some((it) => effects[it]?.startsWith('journal') === true);
  return isNear || effects[at]?.endsWith('edge proxy') === true;
}

interface Turn {
  readonly killAt: number;
  readonly killGuardian: boolean;
  readonly turn: number;
}

async function killBefore(
  way: Way,
  host: DeployHost,
  { killAt, killGuardian, turn }: Turn,
): Promise<string[]> {
  const old = await way.get(host);
  const fresh = `turn ${turn}`;
  way.release(host, fresh);
  const lock = join(host.folder, 'lock');
  const killed = startDeployment(host.request(), { killAt, killGuardian, lock });
  await killed.ended;
  if (!killed.output().includes(`effect ${killAt}: `)) return ['that effect was not reached'];
  const found = way.isLossless ? await servedWrong(way, host, [old, fresh], 'at once') : [];
  if (!killGuardian) {
    await untilFree(lock);
    found.push(...(await servedWrong(way, host, [old, fresh], 'without another run')));
  }
  // As it was, or the new one: either may be what is deployed next.
  const next = turn % 2 === 0 ? fresh : `after ${turn}`;
  way.release(host, next);
  const result = await host.deploy();
  if (!['deployed', 'unchanged'].includes(result.status)) found.push(`the next run: ${result.status}`);
  found.push(...(await servedWrong(way, host, [next], 'then')));
  return [...found, ...(await left(way, host))];
}

async function servedWrong(way: Way, host: DeployHost, right: string[], when: string): Promise<string[]> {
  const served = await way.get(host).catch((error) => String(error));
  return right.includes(served) ? [] : [`${when} "${served}" is served`];
}

async function left(way: Way, host: DeployHost): Promise<string[]> {
  const history = readFileSync(join(host.folder, 'history.ndjson'), 'utf8').trim().split('\n');
  const ids = history.map((line) => JSON.parse(line).release);
  const knowsOld = JSON.stringify(await edge.config()).includes('-leaving');
  return [
    ...(new Set(ids).size === ids.length ? [] : ['a release is twice in the history']),
    ...(knowsOld ? ['the edge proxy still knows of old containers'] : []),
    ...remains(host, way.replicas),
  ];
}

async function untilFree(lock: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (await isLocked(lock, process.env)) {
    if (Date.now() > end) throw new Error('the lock was not freed');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
