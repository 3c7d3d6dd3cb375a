import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { deployFailure } from '../../../src/core/deploy/result.ts';
import {
  createHost,
  type DeployHost,
  filesBelow,
  leftovers,
  startDeployment,
  until,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

/** A web server, and an app that can be made to misbehave. */
function stack(port: number, app = ''): string {
  return webService(
    port,
    `    environment: [TOKEN]\n  app:\n    image: launch-test/app:1\n    environment: { APP: "1"${app} }\n    volumes: ["/anonymous"]\n`,
  );
}

const secrets = (value: string) => ({ secrets: new Map([['TOKEN', value]]) });

suite('a release that is not healthy', () => {
  // Each project has a network, and an engine has room for some thirty.
  let host: DeployHost;
  let first: string;
  beforeAll(async () => {
    host = await createHost();
    host.commit({
      'compose.yml': stack(host.port),
      'service.yml': `secrets: [TOKEN]\n${webHealth(host.port)}`,
      'html/index.html': 'good',
    });
    first = (await host.deploy(secrets('old-secret-value'))).release;
    host.docker('exec', `${host.service}-app-1`, 'sh', '-c', 'echo precious >/anonymous/file');
  });

  const broken: Record<string, Record<string, string>> = {
    'ends at once': { app: ', CRASH_AFTER: "0"' },
    'is unhealthy by its own health check': {
      app: '',
      more: '    healthcheck: { test: ["CMD", "false"], interval: 500ms, retries: 1 }\n',
    },
    'does not answer as it should': {
      health: 'health: [{ http: "http://127.0.0.1:PORT/none", timeout: 1s }]\n',
    },
    'can not be started': { more: '    entrypoint: ["/no/such/program"]\n' },
    'fails in its post-deploy hook': { health: 'hooks: { post-deploy: ./fail.sh }\n' },
  };

  it.each(Object.entries(broken))(
    '%s: the one before serves again, with its old secret',
    async (_name, change) => {
      host.commit({
        'html/index.html': 'broken',
        'compose.yml': stack(host.port, change['app']).replace(
          '    volumes: ["/anonymous"]\n',
          (it) => it + (change['more'] ?? ''),
        ),
        'service.yml': `secrets: [TOKEN]\n${change['health']?.replace('PORT', String(host.port)) ?? webHealth(host.port)}`,
        'fail.sh': { executable: '#!/bin/sh\necho the hook says no >&2\nexit 3\n' },
      });
      const result = await host.deploy(secrets('new-secret-value'));
      expect(result).toMatchObject({ status: 'rolled-back', previousRelease: first, notPutBack: undefined });
      expect(deployFailure(result)).toMatchObject({ code: 'DEPLOY_FAILED' });
      expect(await host.get()).toBe('good');
      const containers = host.containers();
      expect(Object.keys(containers).toSorted()).toEqual(['app-1', 'web-1']);
      expect(containers['web-1']?.env).toContain('TOKEN=old-secret-value');
      expect(containers['app-1']?.env).toContain('APP=1');
      expect(host.docker('exec', `${host.service}-app-1`, 'cat', '/anonymous/file')).toBe('precious');
      expect(leftovers(host.service)).toEqual([]);
      expect(readlinkSync(join(host.folder, 'current'))).toBe(`releases/${first}`);
      expect(existsSync(join(host.folder, 'journal'))).toBe(false);
    },
  );

  it('shows the last lines of the container that failed', async () => {
    host.commit({
      'compose.yml': stack(host.port, ', CRASH_AFTER: "0"'),
      'service.yml': 'secrets: [TOKEN]\n',
    });
    const result = await host.deploy(secrets('new-secret-value'));
    expect(result.failure?.reason).toContain(`${host.service}-app-1 ended (exit status 1)`);
    expect(result.failure?.lines.join('\n')).toContain('app: crashing, as CRASH_AFTER=0 says');
  });

  it('is followed by a good one as if nothing had been', async () => {
    host.commit({
      'compose.yml': stack(host.port),
      'service.yml': `secrets: [TOKEN]\n${webHealth(host.port)}`,
      'html/index.html': 'good',
    });
    expect(await host.deploy(secrets('old-secret-value'))).toMatchObject({ status: 'deployed', made: [] });
    expect((await host.deploy(secrets('old-secret-value'))).status).toBe('unchanged');
  });

  it('stays when that is asked for', async () => {
    host.commit({
      'html/index.html': 'bad',
      'service.yml': 'secrets: [TOKEN]\nhealth: [{ tcp: "127.0.0.1:1", timeout: 500ms }]\n',
    });
    const result = await host.deploy({ ...secrets('old-secret-value'), rollbackOnFailure: false });
    expect(result).toMatchObject({ status: 'failed', notPutBack: undefined });
    expect(await host.get()).toBe('bad');
    expect(leftovers(host.service)).toEqual([]);
  });
});

suite('a stack of several kinds of containers', () => {
  // Each project has a network, and an engine has room for some thirty.
  it('comes back as it was: joined networks, aliases, host names, named and anonymous volumes, dependencies', async () => {
    const host = await createHost();
    const compose = (version: string, wait: string) => `services:
  web:
    image: launch-test/nginx:1
    hostname: named
    restart: unless-stopped
    depends_on: { db: { condition: service_started } }
    environment: { VERSION: "${version}" }
    ports: ["127.0.0.1:${host.port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro"]
    networks: { front: { aliases: [also] }, back: {} }
  side:
    image: launch-test/app:1
    network_mode: service:web
    environment: { VERSION: "${version}" }
  db:
    image: launch-test/app:1
    container_name: ${host.service}-db-custom
    environment: { VERSION: "${version}", CRASH_AFTER: "${wait}" }
    deploy: { resources: { limits: { memory: 64M } } }
    volumes: ["store:/store", "/scratch"]
    networks: [back]
networks: { front: {}, back: { internal: true } }
volumes: { store: {} }
`;
    host.commit({
      'compose.yml': compose('1', ''),
      'service.yml': webHealth(host.port),
      'html/index.html': 'one',
    });
    await host.deploy();
    const facts = () =>
      JSON.stringify(
        JSON.parse(host.docker('inspect', ...Object.values(host.containers()).map(({ id }) => id)))
          .map(
            // biome-ignore lint/suspicious/noExplicitAny: the engine's own JSON
            ({ Name, Image, Config, HostConfig, Mounts, NetworkSettings }: any) => ({
              ...{
                Name,
                Image,
                Env: Config.Env,
                Cmd: Config.Cmd,
                Image_: Config.Image,
                Labels: Config.Labels,
              },
              ...{ host: Name.endsWith('web-1') ? Config.Hostname : '' },
              ...{
                restart: HostConfig.RestartPolicy,
                memory: HostConfig.Memory,
                ports: HostConfig.PortBindings,
              },
              joins: String(HostConfig.NetworkMode).startsWith('container:'),
              mounts: Mounts.map((it: { Name?: string; Source: string; Destination: string; RW: boolean }) =>
                [it.Name, it.Source, it.Destination, it.RW].join(' '),
              ).toSorted(),
              networks: Object.keys(NetworkSettings.Networks).toSorted(),
              aliases: Object.values(NetworkSettings.Networks).map((it) =>
                ((it as { Aliases: string[] | null }).Aliases ?? [])
                  .filter((name) => !/^[0-9a-f]{12}$/.test(name))
                  .toSorted(),
              ),
            }),
          )
          .toSorted((a: { Name: string }, b: { Name: string }) => (a.Name < b.Name ? -1 : 1)),
        (key, value) => (key.startsWith('com.docker.compose.replace') ? undefined : value),
        1,
      );
    const before = facts();
    host.commit({ 'compose.yml': compose('2', '0'), 'html/index.html': 'two' });
    expect((await host.deploy()).status).toBe('rolled-back');
    expect(facts()).toBe(before);
    expect(await host.get()).toBe('one');
    expect(host.docker('exec', `${host.service}-db-custom`, 'wget', '-qO-', 'http://web/')).toBe('one');
  });
});

suite('a first release that is not healthy', () => {
  // Each project has a network, and an engine has room for some thirty.
  it('is taken down, and nothing of it stays', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': stack(host.port, ', CRASH_AFTER: "0"'), 'html/index.html': 'x' });
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'failed', previousRelease: undefined, notPutBack: undefined });
    expect(deployFailure(result)?.message).toContain('the service is down');
    expect(host.containers()).toEqual({});
    const networks = host.docker(
      'network',
      'ls',
      '--quiet',
      '--filter',
      `label=com.docker.compose.project=${host.service}`,
    );
    expect(networks).toBe('');
    expect(existsSync(join(host.folder, 'current'))).toBe(false);
  });

  it('leaves no volume without a name', async () => {
    const host = await createHost();
    const noted = join(host.stateDir, 'volume');
    host.commit({
      'compose.yml': `services:\n  web: { image: launch-test/app:1, volumes: [/scratch] }\n`,
      'health-check.sh': {
        executable: `#!/bin/sh
docker inspect --format '{{(index .Mounts 0).Name}}' ${host.service}-web-1 >${noted}
exit 1
`,
      },
      'service.yml': 'health: [{ command: ./health-check.sh, timeout: 4s }]\n',
    });
    expect((await host.deploy()).status).toBe('failed');
    const volume = readFileSync(noted, 'utf8').trim();
    expect(volume).toMatch(/^[0-9a-f]{64}$/);
    expect(host.docker('volume', 'ls', '--quiet', '--filter', `name=${volume}`)).toBe('');
  });
});

suite('secrets', () => {
  // Each project has a network, and an engine has room for some thirty.
  const values: Record<string, string> = {
    TOKEN: 'canary-7c1f-token',
    MULTI: 'first canary line\nsecond "canary" $line\n',
    ODD: "$HOME $(PATH) %20 ::error::canary 'q' ünï",
    UNDECLARED: 'canary-undeclared',
  };

  it('reach the container only when they are declared, and are left nowhere on the disk or in the log', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(
        host.port,
        '    environment: [TOKEN, MULTI, ODD, UNDECLARED, "BUILT=x-$TOKEN"]\n',
      ),
      'service.yml': `secrets: [TOKEN, MULTI, ODD]\nhooks: { pre-deploy: ./print.sh }\n${webHealth(host.port)}`,
      'html/index.html': 'x',
      'print.sh': { executable: '#!/bin/sh\nenv\n' },
    });
    const result = await host.deploy({
      secrets: new Map(Object.entries(values)),
      hostEnv: { ...process.env, RUNNER_SECRET: 'canary-of-the-runner' },
    });
    expect(result.status).toBe('deployed');
    const env = host.docker('inspect', '--format', '{{json .Config.Env}}', `${host.service}-web-1`);
    for (const name of ['TOKEN', 'MULTI', 'ODD'])
      expect(JSON.parse(env)).toContain(`${name}=${values[name]}`);
    expect(JSON.parse(env)).toContain(`BUILT=x-${values['TOKEN']}`);
    expect(env).not.toContain('canary-undeclared');
    const disk = [...filesBelow(host.stateDir)].filter(([, text]) => text.includes('canary'));
    expect(disk.map(([path]) => path)).toEqual([]);
    const log = [...host.log, ...host.warnings].join('\n');
    expect(log).toContain('TOKEN=***');
    expect(log).not.toMatch(/canary/);
  });

  it('deploy again when one was rotated, and only then', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': stack(host.port),
      'service.yml': `secrets: [TOKEN]\n${webHealth(host.port)}`,
      'html/index.html': 'x',
    });
    await host.deploy(secrets('one-secret'));
    expect((await host.deploy(secrets('one-secret'))).status).toBe('unchanged');
    expect(await host.deploy(secrets('two-secret'))).toMatchObject({
      status: 'deployed',
      made: [`${host.service}-web-1`],
    });
    expect(host.containers()['web-1']?.env).toContain('TOKEN=two-secret');
  });

  it('that are missing stop it before anything happens', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': stack(host.port), 'service.yml': 'secrets: [TOKEN, OTHER, THIRD]\n' });
    await expect(host.deploy(secrets('given'))).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      message: expect.stringMatching(/OTHER, THIRD/),
    });
    expect(readdirSync(host.stateDir)).toEqual([]);
  });

  it('are told by the `env` input, too: a change of it deploys', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port, '    environment: [COLOR]\n'),
      'service.yml': `env: { COLOR: red }\n${webHealth(host.port)}`,
      'html/index.html': 'x',
    });
    await host.deploy();
    expect(host.containers()['web-1']?.env).toContain('COLOR=red');
    await host.deploy({ env: new Map([['COLOR', 'blue']]) });
    expect(host.containers()['web-1']?.env).toContain('COLOR=blue');
    await expect(host.deploy({ env: new Map([['DOCKER_HOST', 'x']]) })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

suite('two at once, and interrupted ones', () => {
  // Each project has a network, and an engine has room for some thirty.
  const slow = (port: number) => `health: [{ http: "http://127.0.0.1:${port}/never", timeout: 60s }]\n`;

  it('the second waits for the first, and the last one wins', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port),
      'service.yml': webHealth(host.port),
      'html/index.html': 'x',
    });
    const results = await Promise.all([
      host.deploy({ force: true }),
      host.deploy({ force: true }),
      host.deploy({ force: true }),
    ]);
    expect(results.map((it) => it.status)).toEqual(['deployed', 'deployed', 'deployed']);
    expect(new Set(results.map((it) => it.release)).size).toBe(3);
    expect(readFileSync(join(host.folder, 'history.ndjson'), 'utf8').trim().split('\n')).toHaveLength(3);
  });

  it('a wait that takes too long names who holds the lock; a kill frees it, and the next run puts things right', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': stack(host.port),
      'service.yml': `secrets: [TOKEN]\n${webHealth(host.port)}`,
      'html/index.html': 'good',
    });
    const good = await host.deploy(secrets('old-secret-value'));
    host.commit({
      'service.yml': `secrets: [TOKEN]\n${slow(host.port)}`,
      'html/index.html': 'never healthy',
    });
    const hanging = startDeployment(host.request({ ...secrets('new-secret-value'), by: 'bob' }));
    await until('the release to be verified', () => hanging.output().includes('/never: attempt'));
    expect(leftovers(host.service)).toHaveLength(2);
    await expect(host.deploy({ ...secrets('old-secret-value'), timeoutMs: 500 })).rejects.toMatchObject({
      code: 'LOCK_HELD',
      message: expect.stringMatching(/bob@.* since 20/),
    });
    hanging.child.kill('SIGKILL');
    await hanging.ended;
    host.commit({ 'service.yml': `secrets: [TOKEN]\n${webHealth(host.port)}`, 'html/index.html': 'good' });
    const next = await host.deploy(secrets('old-secret-value'));
    expect(host.warnings.join('\n')).toMatch(
      /was interrupted before it was known to be healthy: it is taken back/,
    );
    expect(next).toMatchObject({ status: 'unchanged', release: good.release });
    expect(host.containers()['web-1']?.env).toContain('TOKEN=old-secret-value');
    expect(leftovers(host.service)).toEqual([]);
    const history = readFileSync(join(host.folder, 'history.ndjson'), 'utf8');
    expect(history).toContain('"reason":"interrupted"');
  });

  it('a first release that was killed is cleaned away by the next run', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port),
      'service.yml': slow(host.port),
      'html/index.html': 'x',
    });
    const hanging = startDeployment(host.request());
    await until('the release to be verified', () => hanging.output().includes('/never: attempt'));
    hanging.child.kill('SIGKILL');
    await hanging.ended;
    host.commit({ 'service.yml': webHealth(host.port) });
    expect(await host.deploy()).toMatchObject({ status: 'deployed', previousRelease: undefined });
    expect(await host.get()).toBe('x');
  });

  it('a cancelled one puts the release before back', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port),
      'service.yml': webHealth(host.port),
      'html/index.html': 'good',
    });
    await host.deploy();
    host.commit({ 'service.yml': slow(host.port), 'html/index.html': 'never healthy' });
    const controller = new AbortController();
    const running = host.deploy({ signal: controller.signal });
    await until('the release to be verified', () =>
      host.log.some((line) => line.includes('/never: attempt')),
    );
    controller.abort();
    expect(await running).toMatchObject({
      status: 'rolled-back',
      failure: { reason: 'The run was cancelled' },
    });
    expect(await host.get()).toBe('good');
  });
});
