import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import type { Finding } from '../../../src/core/diagnosis.ts';
import { diagnoseHost } from '../../../src/operations/diagnose-host.ts';
import { freezeService } from '../../../src/operations/freeze-service.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import {
  createHost,
  type DeployHost,
  repositoryName,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

/** Nothing listens there. */
const nowhere = 'http://127.0.0.1:9/';

deploySuite()('what the doctor finds on a host', () => {
  let host: DeployHost;
  const look = async (apiUrl = nowhere): Promise<readonly Finding[]> =>
    await diagnoseHost({
      cwd: host.repository.path,
      stateRoot: host.stateDir,
      env: process.env,
      nodeVersion: 'v24.1.0',
      apiUrl,
    });
  /** Of this test's own; other tests have containers on the same engine. */
  const complaints = (findings: readonly Finding[]) =>
    findings.filter(
      ({ subject, state }) =>
        state !== 'ok' && (!subject.startsWith('container ') || subject.includes(host.service)),
    );
  const about = (findings: readonly Finding[], text: string) =>
    findings.filter(({ subject }) => subject.includes(text));

  beforeAll(async () => {
    host = await createHost();
    host.repository.git('remote', 'add', 'origin', `https://github.com/${repositoryName}.git`);
    host.commit({
      'compose.yml': webService(host.port),
      'service.yml': webHealth(host.port),
      'html/index.html': 'one',
    });
    await host.deploy();
  });

  it('is nothing to complain of while all is well', async () => {
    const found = await look();
    // A program that only validation is helped by.
    expect(complaints(found).filter(({ subject }) => subject !== 'shellcheck')).toEqual([]);
    expect(about(found, `service ${host.service}`)).toMatchObject([{ state: 'ok' }]);
    for (const subject of ['docker engine', 'disk of Docker', 'docker compose', 'clock', 'locks'])
      expect(about(found, subject)).toMatchObject([{ state: 'ok' }]);
    expect(about(found, 'docker engine')[0]?.detail).toMatch(/^\d.*, storage driver \w+/);
    expect(about(found, 'clock')[0]?.detail).toBe('the Docker Engine: the same; 127.0.0.1:9: not checked');
  });

  it('is a clock that is wrong, by what a server says', async () => {
    const server = createServer((_, answer) => {
      answer.setHeader('Date', new Date(Date.now() + 90_000).toUTCString()).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const [clock] = about(await look(`http://127.0.0.1:${port}/`), 'clock');
    server.close();
    expect(clock?.state).toBe('warning');
    expect(clock?.detail).toMatch(new RegExp(`(89|90|91)(\\.\\d)? s behind 127.0.0.1:${port}`));
  });

  it('is a clock that does not answer, after no more than some seconds', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const started = performance.now();
    const [clock] = about(await look(`http://127.0.0.1:${port}/`), 'clock');
    expect(performance.now() - started).toBeLessThan(6000);
    silent.closeAllConnections();
    silent.close();
    expect(clock).toMatchObject({ state: 'ok', detail: expect.stringContaining('not checked') });
  });

  it('is a lock that is held, by whom and since when', async () => {
    const lock = join(host.folder, 'lock');
    writeFileSync(lock, `${JSON.stringify({ who: 'ann', since: '2026-01-01T00:00:00Z' })}\n`);
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec sleep 60'], { detached: true });
    await once(holder.stdout, 'data');
    const found = complaints(await look());
    if (holder.pid !== undefined) process.kill(-holder.pid);
    await once(holder, 'close');
    writeFileSync(lock, '');
    expect(about(found, `lock of ${host.service}`)).toMatchObject([
      { state: 'warning', detail: 'held by ann since 2026-01-01T00:00:00Z' },
    ]);
  });

  it('is a deployment that was cut off', async () => {
    const journal = join(host.folder, 'journal');
    const release = '20260101T000000Z-abcdef0';
    writeFileSync(journal, `${JSON.stringify({ step: 'prepare', at: '2026-01-01T00:00:00Z', release })}\n`);
    const found = complaints(await look());
    rmSync(journal);
    expect(about(found, `journal of ${host.service}`)).toMatchObject([
      { state: 'failed', detail: `the deployment of ${release} was cut off` },
    ]);
    expect(about(found, 'journal')[0]?.remedy).toContain('launch recover');
  });

  it('is a service that is frozen', async () => {
    const place = {
      repository: repositoryName,
      service: host.service,
      target: undefined,
      stateDir: host.stateDir,
      hostEnv: process.env,
    };
    await freezeService({ ...place, by: 'ann', reason: 'the week-end', strict: false }, silentReporter);
    expect(about(await look(), `freeze of ${host.service}`)).toMatchObject([
      { state: 'warning', detail: expect.stringContaining('the week-end') },
    ]);
  });

  it('is an edge proxy that does not answer', async () => {
    const file = join(host.stateDir, 'edge.json');
    writeFileSync(file, JSON.stringify({ admin: '127.0.0.1:9' }));
    const found = await look();
    rmSync(file);
    expect(about(found, 'edge proxy')).toMatchObject([{ state: 'failed' }]);
  });

  it('is a folder that was renamed while its containers run on', async () => {
    const services = join(host.repository.path, 'services');
    renameSync(join(services, host.service), join(services, 'renamed'));
    const found = await look();
    renameSync(join(services, 'renamed'), join(services, host.service));
    expect(about(found, `folder of ${host.service}`)).toMatchObject([
      { state: 'warning', remedy: expect.stringContaining(`launch remove ${host.service} --target`) },
    ]);
  });

  it('is a container that is gone, one that was kept for nobody, and one whose state is gone', async () => {
    host.docker('rm', '--force', `${host.service}-web-1`);
    const workingDir = join(host.stateDir, 'octo/shop/homelab/gone/releases/x');
    for (const [name, ...labels] of [
      ['kept', 'launch.kept={}', `launch.kept.project=${host.service}`],
      ['gone', 'launch.service=gone', `com.docker.compose.project.working_dir=${workingDir}`],
    ]) {
      host.docker(
        ...['create', '--name', `${host.service}-${name}`, '--network', 'none'],
        ...labels.flatMap((it) => ['--label', it]),
        ...['--label', `com.docker.compose.project=${host.service}`, 'launch-test/app:1'],
      );
    }
    const found = complaints(await look());
    expect(about(found, `service ${host.service}`)).toMatchObject([
      { state: 'failed', detail: expect.stringContaining(`${host.service}-web-1 is gone`) },
    ]);
    expect(about(found, `container ${host.service}-gone`)).toMatchObject([
      { state: 'warning', detail: 'created; this host has no state of gone any more' },
    ]);
    expect(about(found, `container ${host.service}-kept`)).toHaveLength(1);
  });
});
