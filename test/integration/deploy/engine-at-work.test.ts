// The engine goes on with what it was asked for though whoever asked has gone: a stop that was under way comes to its
// end, a container comes up, and all that after the release before was put back.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  createHost,
  type DeployHost,
  startDeployment,
  until,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

const slowMs = 2000;
const closing = `["sh", "-c", "trap 'sleep ${slowMs / 1000}; exit 0' TERM; while :; do sleep 0.1; done"]`;

/** The database takes its time to close; `web` comes after `first`, so that it fails while that goes on. */
function stack(host: DeployHost, version: string, broken = ''): string {
  return `services:
  first:
    image: launch-test/app:1
    environment: { VERSION: "${version}" }
  web:
    image: launch-test/app:1
    depends_on: [first]
    environment: { VERSION: "${version}" }
    ports: ["127.0.0.1:${host.port}:3000"]
${broken}  db:
    image: launch-test/app:1
    restart: unless-stopped
    environment: { VERSION: "${version}" }
    command: ${closing}
`;
}

const broken =
  '    volumes: [{ type: bind, source: /launch/none, target: /x, bind: { create_host_path: false } }]\n';

async function createShop(): Promise<DeployHost> {
  const host = await createHost();
  host.commit({
    'compose.yml': stack(host, '1'),
    'service.yml': `health: [{ http: "http://127.0.0.1:${host.port}/health", timeout: 10s, interval: 100ms }]\n`,
  });
  expect((await host.deploy()).status).toBe('deployed');
  return host;
}

const isRunning = (host: DeployHost, name: string) =>
  host.docker('inspect', '--format', '{{.State.Running}}', `${host.service}-${name}`) === 'true';

function isStopping(host: DeployHost): boolean {
  const args = [
    '--since',
    '20s',
    '--until',
    '0s',
    '--filter',
    'event=kill',
    '--format',
    '{{.Actor.Attributes.name}}',
  ];
  return host.docker('events', ...args).includes(`${host.service}-db-1`);
}

suite('a container that is being stopped when its release fails', () => {
  it('is started again when it has ended', async () => {
    const host = await createShop();
    host.commit({ 'compose.yml': stack(host, '2', broken) });
    expect((await host.deploy()).status).toBe('rolled-back');
    await sleep(slowMs + 500);
    expect(isRunning(host, 'db-1')).toBe(true);
    expect(Object.keys(host.containers()).sort()).toEqual(['db-1', 'first-1', 'web-1']);
  });

  describe.each([
    ['is cancelled', 'SIGTERM'],
    ['is killed', 'SIGKILL'],
  ] as const)('by a deployment that %s', (_how, signal) => {
    it('is started again when it has ended', async () => {
      const host = await createShop();
      host.commit({ 'compose.yml': stack(host, '2') });
      const { child, ended } = startDeployment(host.request());
      await until('the database is being stopped', () => isStopping(host));
      child.kill(signal);
      await ended;
      await sleep(slowMs + 1500);
      await until('the database runs', () => isRunning(host, 'db-1'));
      expect(host.containers()['db-1']?.env).toContain('VERSION=1');
    });
  });
});

/** Fails, and the engine makes a container for it all the same, this much later. */
const failing = (seconds: number) => `#!/bin/sh
label='--label com.docker.compose'
setsid sh -c "sleep ${seconds}; docker create --name 0123456789ab_$COMPOSE_PROJECT_NAME-web-1 $label.oneoff=False \\
  $label.project=$COMPOSE_PROJECT_NAME $label.service=web $label.container-number=1 \\
  $label.project.config_files=$COMPOSE_FILE $label.project.working_dir=$PWD launch-test/app:1" >/dev/null 2>&1 &
exit 1
`;
const working = '#!/bin/sh\nexec docker compose up --detach --no-build --pull never\n';

async function createScripted(): Promise<DeployHost> {
  const host = await createHost();
  host.commit({
    'compose.yml': webService(host.port),
    'html/index.html': 'one',
    'deploy.sh': { executable: working },
    'health-check.sh': { executable: '#!/bin/sh\nsleep 2\n' },
  });
  expect((await host.deploy()).status).toBe('deployed');
  return host;
}

suite('a container that comes up after its release was taken back', () => {
  it('is not waited for, and removed', async () => {
    const host = await createScripted();
    const before = host.containers();
    host.commit({ 'deploy.sh': { executable: failing(1) } });
    const result = await host.deploy();
    expect(result.status).toBe('rolled-back');
    expect(result.durationMs).toBeLessThan(10_000);
    expect(host.containers()).toEqual(before);
  });

  it('is removed by the next deployment, when it comes too late for that', async () => {
    const host = await createScripted();
    const before = host.containers();
    host.commit({ 'deploy.sh': { executable: failing(4) } });
    expect((await host.deploy()).status).toBe('rolled-back');
    await until('it has come up', () => Object.keys(host.containers()).length === 2);
    host.commit({ 'deploy.sh': { executable: `${working}# again\n` } });
    expect((await host.deploy()).status).toBe('deployed');
    expect(host.containers()).toEqual(before);
  });
});
