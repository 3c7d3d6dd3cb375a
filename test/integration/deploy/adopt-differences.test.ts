import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { takeLock } from '../../../src/adapters/state/lock.ts';
import { readStatus } from '../../../src/operations/read-status.ts';
import {
  alsoRemove,
  createHost,
  type DeployHost,
  removeProjects,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { adopting, type OldProject, oldProject } from '../../support/old-project.ts';

const suite = deploySuite();

/** `db` as it is mounted, and what else. */
const stack = (port: number, volumes: string, more = '') => `services:
  web:
    image: launch-test/nginx:1
    ports: ["127.0.0.1:${port}:80"]
    environment: { VERSION: "1", PASSWORD: "canary-one" }
    volumes: ["./html:/usr/share/nginx/html:ro"]
    stop_grace_period: 1s
  db:
    image: launch-test/app:1
    volumes: ${volumes}
    stop_grace_period: 1s
${more}`;
const volumes = '["./config:/config:ro", "./data:/data"]';
const files = (port: number, more: Record<string, string> = {}) => ({
  'compose.yml': stack(port, volumes),
  'service.yml': webHealth(port),
  'html/index.html': 'page',
  'config/db.conf': 'config 1',
  ...more,
});

async function running(change: (old: OldProject, host: DeployHost) => void = () => {}) {
  const host = await createHost();
  host.commit(files(host.port));
  const old = oldProject(host);
  change(old, host);
  old.up();
  host.docker('exec', `${host.service}-db-1`, 'sh', '-c', 'mkdir -p /data && echo kept >/data/file');
  return { host, old, ...adopting(host) };
}

suite('what differs from the commit', () => {
  it('is told beforehand without any value, and mended by the next deployment, which touches nothing else', async () => {
    const { host, adopt, warnings } = await running((old, { port }) =>
      old.write({
        'compose.yml': stack(
          port,
          volumes,
          '  extra:\n    image: launch-test/app:1\n    stop_grace_period: 1s\n',
        )
          .replace('nginx:1', 'nginx:2')
          .replace('canary-one', 'canary-two'),
        'html/index.html': 'edited by hand',
      }),
    );
    const before = host.containers();
    const { differs, unchanged } = await adopt();
    expect(unchanged).toEqual(['db']);
    expect(differs).toEqual([
      expect.stringMatching(/-web-1 mounts .*\/html, where index\.html is not as in the commit$/),
      `${host.service}-web-1 runs launch-test/nginx:2, not launch-test/nginx:1`,
      `${host.service}-web-1 has other values of PASSWORD`,
      `${host.service}-extra-1 is of the service "extra", which the folder does not have: the next deployment removes it`,
    ]);
    expect(warnings.join('\n')).not.toContain('canary');
    expect(warnings).toHaveLength(4);
    expect(host.containers()).toEqual(before);
    const [status] = await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env });
    expect(status?.drift).toEqual(differs);

    const deployed = await host.deploy();
    expect(deployed).toMatchObject({ status: 'deployed', kept: [`${host.service}-db-1`] });
    expect(await host.get()).toBe('page');
    expect(host.containers()['db-1']).toEqual(before['db-1']);
    expect(Object.keys(host.containers()).sort()).toEqual(['db-1', 'web-1']);
    expect((await host.deploy()).status).toBe('unchanged');
  });

  it('is found also when only content, a missing service or something else differs', async () => {
    const { host, adopt } = await running((old, { port }) =>
      old.write({
        'compose.yml': stack(port, volumes).replace(
          '    stop_grace_period: 1s\n  db',
          '    stop_grace_period: 2s\n  db',
        ),
      }),
    );
    host.commit({ 'compose.yml': stack(host.port, volumes, '  job:\n    image: launch-test/app:1\n') });
    expect((await adopt()).differs).toEqual([
      'job does not run; the folder has it',
      `${host.service}-web-1 is not what compose makes of the folder now; it was made by compose ${composeVersion(host)}`,
    ]);
  });

  it('makes a container anew whose mounted files were edited after it was taken over, without its data', async () => {
    const { host, old, adopt } = await running();
    expect((await adopt()).differs).toEqual([]);
    expect((await host.deploy()).status).toBe('unchanged');
    old.write({ 'config/db.conf': 'edited by hand' });
    expect(await host.deploy()).toMatchObject({ status: 'deployed', kept: [`${host.service}-web-1`] });
    const db = `${host.service}-db-1`;
    expect(host.docker('exec', db, 'cat', '/config/db.conf', '/data/file')).toBe('config 1kept');
  });

  it('does not come back when the first release after it fails: the very containers do', async () => {
    const { host, adopt } = await running();
    await adopt();
    const before = host.containers();
    host.commit({
      'compose.yml': stack(host.port, volumes).replace('VERSION: "1"', 'VERSION: "2"'),
      'service.yml': 'health: [{ tcp: "127.0.0.1:1", timeout: 300ms }]\n',
    });
    expect((await host.deploy()).status).toBe('rolled-back');
    expect(host.containers()['web-1']?.env).toEqual(before['web-1']?.env);
    expect(host.containers()['db-1']).toEqual(before['db-1']);
    // It is still known as what was taken over, under its new id.
    const db = host.containers()['db-1'];
    host.commit({ 'html/index.html': 'next', 'service.yml': webHealth(host.port) });
    expect((await host.deploy()).status).toBe('deployed');
    expect(host.containers()['db-1']).toEqual(db);
    expect(await host.rollback()).toMatchObject({ status: 'deployed' });
    expect(await host.get()).toBe('page');
  });

  it('can be taken over once more, when somebody has started containers by hand', async () => {
    const { host, old, adopt } = await running();
    await adopt();
    old.up('--force-recreate', 'web');
    await expect(host.deploy()).rejects.toThrow('launch adopt');
    const before = host.containers();
    expect(await adopt()).toMatchObject({ differs: [], unchanged: ['db', 'web'] });
    expect(host.containers()).toEqual(before);
    expect((await host.deploy()).status).toBe('unchanged');
  });
});

suite('data', () => {
  it('that the folder would mount from elsewhere stops the adoption, which lists it', async () => {
    const faulty: [string, RegExp][] = [
      [
        '["./config:/config:ro", "store:/data"]',
        /-db-1 keeps \/data in the volume \S+_store, the folder mounts a folder of its own/,
      ],
      [
        '["./config:/config:ro", "./data:/data", "store:/more"]',
        /keeps \/more in the volume \S+_store, the folder mounts nothing there/,
      ],
      [
        '["./config:/config", "./data:/data"]',
        /mounts \S+\/config, where files are that the commit does not have: written/,
      ],
    ];
    for (const [mounts, complaint] of faulty) {
      const { host, adopt } = await running((old, { port }) => {
        old.write({
          'compose.yml': stack(port, mounts, mounts.includes('store') ? 'volumes: { store: {} }\n' : ''),
          ...(mounts.includes('config:ro') ? {} : { 'config/written': 'by the container' }),
        });
      });
      const before = host.containers();
      await expect(adopt()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(complaint),
      });
      expect(host.containers()).toEqual(before);
      expect(existsSync(join(host.folder, 'current'))).toBe(false);
      expect(existsSync(join(host.folder, 'data/services'))).toBe(false);
      expect(existsSync(join(host.folder, 'journal'))).toBe(false);
      removeProjects();
    }
  });

  it('of a service that does not run now is found beside the others', async () => {
    const { host, old, adopt } = await running();
    old.compose('rm', '--stop', '--force', 'db');
    expect(await adopt()).toMatchObject({
      differs: ['db does not run; the folder has it'],
      data: [{ from: join(old.place, 'data') }],
    });
    expect((await host.deploy()).kept).toEqual([`${host.service}-web-1`]);
    expect(host.docker('exec', `${host.service}-db-1`, 'cat', '/data/file')).toBe('kept');
  });

  it('that is gone later stops a deployment before anything else does, until it is back', async () => {
    const { host, old, adopt } = await running();
    await adopt();
    host.commit({ 'config/db.conf': 'config 2' });
    renameSync(join(old.place, 'data'), join(old.place, 'moved'));
    const before = host.containers();
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'DEPLOY_FAILED',
      message: expect.stringContaining(`${join(old.place, 'data')} is not there any more`),
    });
    expect(host.containers()).toEqual(before);
    expect(existsSync(join(old.place, 'data'))).toBe(false);
    renameSync(join(old.place, 'moved'), join(old.place, 'data'));
    expect((await host.deploy()).status).toBe('deployed');
    expect(readFileSync(join(host.folder, `data/services/${host.service}/data/file`), 'utf8')).toBe('kept\n');
  });
});

suite('an adoption', () => {
  it('is refused where nothing runs, and says what does', async () => {
    const host = await createHost();
    host.commit(files(host.port));
    const { adopt } = adopting(host);
    await expect(adopt()).rejects.toThrow(/Nothing runs in the compose project/);
    const project = `${host.service}-named`;
    alsoRemove(project);
    oldProject(host, {}, project).up();
    await expect(adopt()).rejects.toThrow(new RegExp(`these run here: .*${project}`));
    host.commit({ 'compose.yml': `name: ${project}\n${stack(host.port, volumes)}` });
    expect((await adopt()).project).toBe(project);
  });

  it('is refused where the project is another service of Launch', async () => {
    const host = await createHost();
    host.commit(files(host.port));
    await host.deploy();
    const { adopt } = adopting(host);
    await expect(adopt({ repository: 'octo/other' })).rejects.toThrow(
      new RegExp(`belongs to the service ${host.service} of octo/shop`),
    );
    await expect(host.deploy({ repository: 'octo/other' })).rejects.toThrow('launch adopt');
    await expect(adopt()).rejects.toThrow('of Launch already');
  });

  it('is refused at once while somebody else holds the lock', async () => {
    const { host, adopt } = await running();
    // It makes the folder in which the lock is.
    await expect(host.deploy()).rejects.toThrow('launch adopt');
    const lock = await takeLock({
      path: join(host.folder, 'lock'),
      owner: { who: 'bob@there', since: 'noon' },
      timeout: 1000,
      mode: 0o600,
      env: process.env,
      onWait: () => {},
    });
    const started = performance.now();
    await expect(adopt()).rejects.toMatchObject({
      code: 'LOCK_HELD',
      message: expect.stringContaining('bob@there'),
    });
    expect(performance.now() - started).toBeLessThan(3000);
    await lock.release();
    expect((await adopt()).status).toBe('adopted');
  });

  it('is refused where what runs is not healthy, or is no compose project', async () => {
    const { host, adopt } = await running();
    host.commit({ 'service.yml': 'health: [{ tcp: "127.0.0.1:1", timeout: 300ms }]\n' });
    await expect(adopt()).rejects.toMatchObject({ code: 'HEALTH_FAILED' });
    expect(existsSync(join(host.folder, 'current'))).toBe(false);
    expect(existsSync(join(host.folder, 'journal'))).toBe(false);
    const script = await createHost({ 'deploy.sh': { executable: '#!/bin/sh\n' } });
    await expect(adopting(script).adopt()).rejects.toThrow('has no compose file');
  });

  it('takes a project over that mounts nothing of its own', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port),
      'service.yml': webHealth(host.port),
      'html/index.html': 'x',
    });
    oldProject(host).up();
    expect((await adopting(host).adopt()).data).toEqual([]);
    expect((await host.deploy()).status).toBe('unchanged');
  });
});

function composeVersion(host: DeployHost): string {
  const format = '{{index .Config.Labels "com.docker.compose.version"}}';
  return host.docker('inspect', '--format', format, `${host.service}-web-1`);
}
