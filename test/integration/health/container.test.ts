import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import type { HealthCheck } from '../../../src/core/health/check.ts';
import { type CheckContext, checkFromSetting, projectCheck } from '../../../src/core/health/from-settings.ts';
import { checkHealth } from '../../../src/operations/check-health.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import { requireTools } from '../../support/tools.ts';

const prefix = `launch-health-${process.pid}`;
const context: CheckContext = {
  cwd: tmpdir(),
  env: process.env,
  timing: { timeoutMs: 30_000, intervalMs: 50 },
};

/** For what is to fail; one attempt may take all of the time, because a busy engine is slow to answer. */
const soon: CheckContext = { ...context, timing: { timeoutMs: 4000, intervalMs: 3000 } };

async function outcomeOf(check: HealthCheck) {
  const report = await checkHealth([{ ...check, attemptMs: check.timeoutMs }], silentReporter);
  const [outcome] = report.checks;
  return { healthy: report.healthy, why: outcome?.outcome === 'unhealthy' ? outcome.why : '' };
}

requireTools('docker')('a container check', () => {
  afterAll(() => {
    const ids = docker('ps', '--all', '--quiet', '--filter', `label=launch.health=${prefix}`);
    if (ids !== '') docker('rm', '--force', ...ids.split('\n'));
  });

  it('is healthy when a container without a health check runs', async () => {
    const name = start('plain', [], ['sleep', '300']);
    expect(await outcomeOf(checkFromSetting({ container: name }, context))).toEqual({
      healthy: true,
      why: '',
    });
  });

  it('waits for the health check of the container, and tells its last words', async () => {
    const health = ['--health-interval', '100ms', '--health-retries', '1', '--health-timeout', '5s'];
    const sick = start('sick', [...health, '--health-cmd', 'echo no database; exit 1'], ['sleep', '300']);
    const { why } = await outcomeOf(checkFromSetting({ container: sick }, soon));
    expect(why).toMatch(new RegExp(`^the container ${sick} is (starting|unhealthy): "no database"$`));
    const well = start('well', [...health, '--health-cmd', 'true'], ['sleep', '300']);
    expect(await outcomeOf(checkFromSetting({ container: well }, context))).toMatchObject({ healthy: true });
  });

  it('tells that a container has ended, and how', async () => {
    const name = start('ended', [], ['sh', '-c', 'exit 3']);
    docker('wait', name);
    const { why } = await outcomeOf(checkFromSetting({ container: name }, soon));
    expect(why).toBe(`the container ${name} is exited (exit status 3)`);
  });

  it('tells that there is no such container', async () => {
    const { healthy, why } = await outcomeOf(checkFromSetting({ container: `${prefix}-missing` }, soon));
    expect(healthy).toBe(false);
    expect(why).toBe(`there is no container "${prefix}-missing"`);
  });

  it('looks at every container of a compose service, stopped ones too', async () => {
    const project = `${prefix}-shop`;
    const labels = (service: string) => [
      ...['--label', `com.docker.compose.project=${project}`],
      ...['--label', `com.docker.compose.service=${service}`, '--label', 'com.docker.compose.oneoff=False'],
    ];
    start('web-1', labels('web'), ['sleep', '300']);
    docker('wait', start('migrate', labels('migrate'), ['true']));
    const of = (setting: string, timing = context) =>
      checkFromSetting({ container: setting }, { ...timing, project });
    expect(await outcomeOf(of('web'))).toMatchObject({ healthy: true });
    // A one-shot container that ended well is no fault of the project, but a service that should run is.
    expect(await outcomeOf(projectCheck(project, context))).toMatchObject({ healthy: true });
    const crashed = start('web-2', labels('web'), ['false']);
    docker('wait', crashed);
    const [web, migrate, db] = await Promise.all([
      outcomeOf(of('web', soon)),
      outcomeOf(of('migrate', soon)),
      outcomeOf(of('db', soon)),
    ]);
    expect(web.why).toBe(`the container ${crashed} is exited (exit status 1)`);
    expect(migrate.why).toMatch(/exited \(exit status 0\)/);
    expect(db.why).toMatch(/there is no container of db/);
  });

  it('tells that the engine does not answer', async () => {
    const socket = join(mkdtempSync(join(tmpdir(), 'launch-no-engine-')), 'none.sock');
    const env = { ...process.env, DOCKER_HOST: `unix://${socket}` };
    const { why } = await outcomeOf(checkFromSetting({ container: 'web' }, { ...soon, env }));
    expect(why).toMatch(/^the container engine did not answer: /);
  });

  it('gives up at once where there is no docker', async () => {
    const check = checkFromSetting({ container: 'web' }, { ...context, env: { PATH: '/nowhere' } });
    const report = await checkHealth([check], silentReporter);
    expect(report).toMatchObject({ healthy: false, attempts: 1 });
  });
});

function start(name: string, options: readonly string[], command: readonly string[]): string {
  const full = `${prefix}-${name}`;
  const image = 'launch-test/nginx:1';
  const [entry = '', ...rest] = command;
  docker(
    'run',
    '--detach',
    '--name',
    full,
    '--label',
    `launch.health=${prefix}`,
    ...options,
    '--entrypoint',
    entry,
    image,
    ...rest,
  );
  return full;
}

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}
