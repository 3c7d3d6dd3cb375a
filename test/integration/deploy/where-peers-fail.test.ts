// Cases in which other tools end with 0 while the service is down, leave replicas doubled, or mix versions.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { remains } from '../../support/after-a-kill.ts';
import {
  createHost,
  type DeployHost,
  removeProjects,
  startDeployment,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { startLoad } from '../../support/load.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();

const suite = deploySuite('caddy');

async function routedHost(): Promise<DeployHost> {
  const host = await createHost();
  edge.announce(host.stateDir);
  return host;
}

interface Change {
  readonly strategy?: string;
  readonly bootSeconds?: number;
  readonly crashAfter?: number;
  readonly volumes?: string;
  readonly others?: string;
  /** In place of what the service checks. */
  readonly settings?: string;
}

function release(host: DeployHost, version: string, change: Change = {}): void {
  const { settings: checks, strategy = 'blue-green', ...compose } = change;
  const settings = routedSettings(host.service, strategy, 'stateful: [db]\n');
  host.commit({
    'compose.yml': routedCompose({ version, others: database(), ...compose }),
    'service.yml': checks === undefined ? settings : settings.replace(/^health:.*$/m, checks),
    ...routedFiles(version),
  });
}

const database = (word = 'one') =>
  `  db:\n    image: launch-test/app:1\n    environment: { WORD: "${word}" }\n    volumes: ["store:/store"]\nvolumes: { store: {} }\n`;

const served = async (host: DeployHost) => (await edge.get(host.service, '/version')).text;

// docker compose up --detach ends with 0 before the service answers; docker-rollout moves the traffic then.
suite('a release that takes its time to listen', () => {
  it.each(['recreate', 'blue-green'])('answers when the deployment is done (%s)', async (strategy) => {
    const host = await routedHost();
    const settings = routedSettings(host.service, strategy);
    for (const version of ['one', 'two']) {
      host.commit({
        'compose.yml': routedCompose({ version, bootSeconds: 2 }),
        'service.yml': settings,
        ...routedFiles(version),
      });
      expect((await host.deploy()).status).toBe('deployed');
      expect(await served(host)).toBe(version);
    }
  });
});

// docker-rollout without a health check removes the old container, and ends with 0.
suite('a release without any health check', () => {
  it('that is up for less than the steady window of 10 s is none', async () => {
    const host = await routedHost();
    release(host, 'one');
    expect((await host.deploy()).status).toBe('deployed');
    release(host, 'two', { crashAfter: 8, settings: '' });
    const result = await host.deploy({ steadyMs: undefined });
    expect(result).toMatchObject({ status: 'rolled-back', outageMs: 0 });
    expect(result.failure?.reason).toMatch(/web-\d+ ended \(exit status 1\)/);
    expect(await served(host)).toBe('one');
  });

  it('that is up for it is one', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(host.port), 'html/index.html': 'one' });
    const result = await host.deploy({ steadyMs: undefined });
    expect(result.status).toBe('deployed');
    expect(result.durationMs).toBeGreaterThan(10_000);
  });
});

// docker compose up --wait fails then, docker compose up ends with 0 whatever they do.
suite('a container that ends', () => {
  const job = (word: string, status: number) =>
    `  job:\n    image: launch-test/app:1\n    environment: { WORD: "${word}" }\n    entrypoint: ["sh", "-c", "exit ${status}"]\n${database()}`;

  it('with 0 is a job: run once for a release, and the one before is not run again', async () => {
    const host = await routedHost();
    release(host, 'one', { others: job('one', 0) });
    expect((await host.deploy()).status).toBe('deployed');
    await sleep(1500);
    const since = String(Math.floor(Date.now() / 1000));
    release(host, 'two', { others: job('two', 0) });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await served(host)).toBe('two');
    const jobs = Object.keys(host.containers()).filter((name) => name.startsWith('job-'));
    expect(jobs).toHaveLength(1);
    const started = host.docker(
      ...['events', '--since', since, '--until', String(Math.ceil(Date.now() / 1000))],
      ...['--filter', `label=com.docker.compose.project=${host.service}`, '--filter', 'event=start'],
      ...['--format', '{{index .Actor.Attributes "com.docker.compose.service"}}'],
    );
    expect(started.split('\n').toSorted()).toEqual(['job', 'web']);
  });

  it.each(['recreate', 'blue-green'])(
    'with an error fails the release, and the one before comes back with its job, which is not run again (%s)',
    async (strategy) => {
      const host = await routedHost();
      release(host, 'one', { strategy, others: job('one', 0) });
      await host.deploy();
      const names = Object.keys(host.containers()).toSorted();
      release(host, 'two', { strategy, others: job('two', 3) });
      const result = await host.deploy();
      expect(result).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
      expect(result.failure?.reason).toMatch(/job-\d+ ended \(exit status 3\)/);
      expect(Object.keys(host.containers()).toSorted()).toEqual(names);
      const state = host.docker('inspect', '--format', '{{.State.Status}}', `${host.service}-job-1`);
      expect(state).toBe('created');
      expect(await served(host)).toBe('one');
      release(host, 'one', { strategy, others: job('one', 0) });
      expect((await host.deploy()).status).toBe('unchanged');
    },
  );
});

// docker compose leaves the service down, docker-rollout leaves containers of mixed versions.
suite('two deployments at once', () => {
  it('go one after the other, and leave one container of the last version', async () => {
    const host = await routedHost();
    release(host, 'one');
    await host.deploy();
    const load = startLoad(edge.port, host.service, 50);
    release(host, 'two');
    const first = host.deploy();
    await sleep(700);
    release(host, 'three');
    const results = await Promise.all([first, host.deploy()]);
    expect(results.map(({ status }) => status)).toEqual(['deployed', 'deployed']);
    expect(await load.end()).toMatchObject({ failed: 0, versions: ['one', 'two', 'three'] });
    expect(Object.keys(host.containers())).toHaveLength(2);
  });
});

// docker-rollout doubles the replicas then, and its next run keeps them doubled.
suite('a deployment that was killed with its guardian', () => {
  it.each(['journal switch', 'journal verified', 'set current'])(
    'before "%s" is brought to an end by the same deployment again: never two of a kind',
    async (effect) => {
      const host = await routedHost();
      release(host, 'one');
      await host.deploy();
      const database = host.containers()['db-1'];
      release(host, 'two');
      const lock = `${host.folder}/lock`;
      await startDeployment(host.request(), { killAt: effect, killGuardian: true, lock }).ended;
      expect(await served(host)).toMatch(/^(one|two)$/);
      expect((await host.deploy()).status).toMatch(/^(deployed|unchanged)$/);
      expect((await host.deploy()).status).toBe('unchanged');
      expect(await served(host)).toBe('two');
      expect(Object.keys(host.containers())).toHaveLength(2);
      expect(host.containers()['db-1']).toEqual(database);
    },
  );
});

// The engine looks at a container's own health check for the first time after its whole interval.
suite('a health check of the container with a long interval', () => {
  const health =
    '    healthcheck: { test: ["CMD", "wget", "-qO-", "http://127.0.0.1:3000/version"], interval: 30s, timeout: 5s }\n';

  it.each(['recreate', 'blue-green'])('is asked at once (%s)', async (strategy) => {
    const host = await routedHost();
    for (const version of ['one', 'two']) {
      host.commit({
        'compose.yml': routedCompose({ version, bootSeconds: 1, extra: health }),
        'service.yml': routedSettings(host.service, strategy).replace(/^health:.*\n/m, ''),
        ...routedFiles(version),
      });
      const result = await host.deploy();
      expect(result.status).toBe('deployed');
      expect(result.durationMs).toBeLessThan(15_000);
      expect(await served(host)).toBe(version);
    }
  });
});

// A new folder for each release gives compose a new, empty ./data, and deleting the old one deletes it.
suite('data beside the compose file', () => {
  it('is there for both generations, and after them', async () => {
    const host = await routedHost();
    for (const version of ['one', 'two', 'three']) {
      release(host, version, { volumes: ', "./data:/data"' });
      expect((await host.deploy({ keepReleases: 1 })).status).toBe('deployed');
      const web = Object.keys(host.containers()).find((name) => name.startsWith('web-')) ?? '';
      host.docker('exec', `${host.service}-${web}`, 'sh', '-c', `echo ${version} >>/data/log`);
      const log = host.docker('exec', `${host.service}-${web}`, 'cat', '/data/log');
      expect(log.split('\n')[0]).toBe('one');
      expect(log.split('\n').at(-1)).toBe(version);
    }
  });
});

// A pull that fails spoils a good deployment elsewhere.
suite('an image that only this host has', () => {
  it('is good enough when its registry does not answer', async () => {
    const host = await createHost();
    const image = `127.0.0.1:1/${host.service}:1`;
    host.docker('tag', 'launch-test/nginx:1', image);
    try {
      const compose = webService(host.port, '    pull_policy: always\n').replace(
        'launch-test/nginx:1',
        image,
      );
      host.commit({ 'compose.yml': compose, 'html/index.html': 'one' });
      expect((await host.deploy()).status).toBe('deployed');
      expect(host.warnings.join('\n')).toContain('are used as they are');
    } finally {
      removeProjects();
      host.docker('image', 'rm', '--force', image);
    }
  });
});

suite('a network that has changed', () => {
  it('would have compose stop what serves, so it is refused before anything changes', async () => {
    const host = await routedHost();
    release(host, 'one');
    await host.deploy();
    const before = host.containers();
    const changed = `${database()}networks: { default: { labels: { changed: "yes" } } }\n`;
    release(host, 'two', { others: changed });
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/would stop .*-web-1.*`strategy: recreate`/),
    });
    expect(host.containers()).toEqual(before);
    expect(await served(host)).toBe('one');
    release(host, 'two', { others: changed, strategy: 'recreate' });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await served(host)).toBe('two');
  });
});

suite('a database', () => {
  it('stays as it is when the release says something else of it, and that is said', async () => {
    const host = await routedHost();
    release(host, 'one');
    await host.deploy();
    const before = host.containers()['db-1'];
    release(host, 'two', { others: database('two') });
    expect(await host.deploy()).toMatchObject({ status: 'deployed', kept: [`${host.service}-db-1`] });
    expect(host.containers()['db-1']).toEqual(before);
    expect(host.warnings.join('\n')).toContain('"db" is stateful, so it stays as it is');
    expect(remains(host).filter((it) => !it.includes('-db-1 '))).toEqual([]);
  });
});
