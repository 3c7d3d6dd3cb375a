// The engine goes on with what it was asked for though whoever asked has gone: a stop that was under way comes to its
// end, a container comes up, and all that after the release before was put back.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  createHost,
  type DeployHost,
  startDeployment,
  until,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

/** Long enough for the release to fail, or its deployment to end, meanwhile. */
const closing = `["sh", "-c", "trap 'sleep 2; exit 0' TERM; while :; do sleep 0.1; done"]`;
/** Else it would have to run for some seconds, since nothing asks it. Launch asks this at once. */
const asked = 'healthcheck: { test: ["CMD", "true"], interval: 1m }';

/** The database takes its time to close; `web` comes after `first`, so that it fails while that goes on. */
function stack(host: DeployHost, version: string, broken = ''): string {
  return `services:
  first:
    image: launch-test/app:1
    ${asked}
    environment: { VERSION: "${version}" }
  web:
    image: launch-test/app:1
    depends_on: [first]
    environment: { VERSION: "${version}" }
    ports: ["127.0.0.1:${host.port}:3000"]
${broken}  db:
    image: launch-test/app:1
    restart: unless-stopped
    ${asked}
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

/** Whether the engine has sent a signal to the container, or has seen its end. */
function hasSeen(host: DeployHost, event: 'kill' | 'die', { id, since }: Watched): boolean {
  const filters = [`event=${event}`, `container=${id}`].flatMap((it) => ['--filter', it]);
  return host.docker('events', '--since', since, '--until', new Date().toISOString(), ...filters) !== '';
}

interface Watched {
  readonly id: string;
  readonly since: string;
}

/** The database as it runs now, and what happens to it from now on. */
function watchDatabase(host: DeployHost): Watched {
  expect(host.containers()['db-1']?.env).toContain('VERSION=1');
  return { id: host.containers()['db-1']?.id ?? '', since: new Date().toISOString() };
}

suite('a container that is being stopped when its release fails', () => {
  // Each leaves it as it was.
  let host: DeployHost;
  beforeAll(async () => {
    host = await createShop();
  });

  it('is started again when it has ended', async () => {
    const db = watchDatabase(host);
    host.commit({ 'compose.yml': stack(host, '2', broken) });
    expect((await host.deploy()).status).toBe('rolled-back');
    // The stop has come to its end: nothing more follows from it.
    expect(hasSeen(host, 'die', db)).toBe(true);
    expect(isRunning(host, 'db-1')).toBe(true);
    expect(Object.keys(host.containers()).sort()).toEqual(['db-1', 'first-1', 'web-1']);
  });

  describe.each([
    ['is cancelled', 'SIGTERM'],
    ['is killed', 'SIGKILL'],
  ] as const)('by a deployment that %s', (_how, signal) => {
    it('is started again when it has ended', async () => {
      const db = watchDatabase(host);
      host.commit({ 'compose.yml': stack(host, '2') });
      const { child, ended } = startDeployment(host.request());
      await until('the database is being stopped', () => hasSeen(host, 'kill', db));
      expect(hasSeen(host, 'die', db)).toBe(false);
      child.kill(signal);
      await ended;
      await until('the database has ended', () => hasSeen(host, 'die', db));
      await until('all is recorded', () => !existsSync(join(host.folder, 'journal')));
      expect(isRunning(host, 'db-1')).toBe(true);
      expect(host.containers()['db-1']?.env).toContain('VERSION=1');
    });
  });
});

/** What the tests and the scripts of the service tell each other. */
interface Flags {
  /** The engine may make the container. */
  readonly go: string;
  /** The old release's check lets it, and waits until it is there. */
  readonly duringCheck: string;
}

const name = '0123456789ab_$COMPOSE_PROJECT_NAME-web-1';
/** Tries for a minute at most: what was not waited for in the end comes in the middle of the way back. */
const untilTrue = (command: string) => `for i in $(seq 600); do ${command} && break; sleep 0.1; done`;

/** Fails, and the engine makes a container for it all the same, later on. */
const failing = ({ go }: Flags) => `#!/bin/sh
label='--label com.docker.compose'
setsid sh -c "${untilTrue(`[ -e ${go} ]`).replaceAll('$', '\\$')}
docker create --name ${name} $label.oneoff=False \\
  $label.project=$COMPOSE_PROJECT_NAME $label.service=web $label.container-number=1 \\
  $label.project.config_files=$COMPOSE_FILE $label.project.working_dir=$PWD launch-test/app:1" >/dev/null 2>&1 &
exit 1
`;
const check = ({ go, duringCheck }: Flags) => `#!/bin/sh
[ -e ${duringCheck} ] || exit 0
touch ${go}
${untilTrue(`docker inspect ${name} >/dev/null 2>&1`)}
`;
const working = '#!/bin/sh\nexec docker compose up --detach --no-build --pull never\n';

suite('a container that comes up after its release was taken back', () => {
  // Each leaves it as it was.
  let host: DeployHost;
  let flags: Flags;
  beforeAll(async () => {
    host = await createHost();
    flags = { go: join(host.stateDir, 'go'), duringCheck: join(host.stateDir, 'during-check') };
    host.commit({
      'compose.yml': webService(host.port),
      'html/index.html': 'one',
      'deploy.sh': { executable: working },
      'health-check.sh': { executable: check(flags) },
    });
    expect((await host.deploy()).status).toBe('deployed');
  });

  it('is not waited for, and removed', async () => {
    const before = host.containers();
    host.commit({ 'deploy.sh': { executable: failing(flags) } });
    writeFileSync(flags.duringCheck, '');
    const result = await host.deploy();
    expect(result.status).toBe('rolled-back');
    expect(result.durationMs).toBeLessThan(10_000);
    expect(existsSync(flags.go)).toBe(true);
    expect(host.containers()).toEqual(before);
  });

  it('is removed by the next deployment, when it comes too late for that', async () => {
    const before = host.containers();
    for (const flag of [flags.go, flags.duringCheck]) rmSync(flag);
    host.commit({ 'deploy.sh': { executable: failing(flags) } });
    expect((await host.deploy()).status).toBe('rolled-back');
    writeFileSync(flags.go, '');
    await until('it has come up', () => Object.keys(host.containers()).length === 2);
    host.commit({ 'deploy.sh': { executable: `${working}# again\n` } });
    expect((await host.deploy()).status).toBe('deployed');
    expect(host.containers()).toEqual(before);
  });
});
