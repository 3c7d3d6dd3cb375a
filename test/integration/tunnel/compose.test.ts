import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { parseOrigin } from '../../../src/core/cloudflare/tunnel/origin.ts';
import {
  buildCloudflaredImage,
  cloudflaredImage,
  removeCloudflaredImage,
  serveRelease,
  standInRelease,
} from '../../support/cloudflared/stand-in.ts';
import { docker } from '../../support/deploy-host.ts';
import { closeServers } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import { fakeSystemd } from '../../support/systemd/fake-systemd.ts';
import { requireTools } from '../../support/tools.ts';
import { hostname, type TunnelHost, tunnelHost } from '../../support/tunnel.ts';

const suite = requireTools('docker', 'compose', 'busybox', 'flock');

let host: TunnelHost;
let name: string;
let project: string;

beforeEach(async () => {
  name = `lt-${randomBytes(4).toString('hex')}`;
  project = `launch-tunnel-${name}`;
  host = await tunnelHost({ name, runAs: 'compose', image: cloudflaredImage });
});
afterEach(async () => {
  const ids = containers();
  if (ids.length > 0) docker('rm', '--force', ...ids);
  await host.close();
  closeServers();
  expect(host.cloudflare.refused).toEqual([]);
});
afterAll(removeRepositories);

const folder = () => join(host.stateRoot, '.tunnels', name);
const tokens = () => readdirSync(folder()).filter((it) => it.startsWith('token.'));
const token = () => host.cloudflare.tunnels.live().map(host.cloudflare.tunnels.tokenOf).join();

function containers(): string[] {
  return docker(
    'ps',
    '--all',
    '--quiet',
    '--no-trunc',
    '--filter',
    `label=com.docker.compose.project=${project}`,
  )
    .split('\n')
    .filter((id) => id !== '');
}

function inspect() {
  const [id = ''] = containers();
  const [all] = JSON.parse(docker('inspect', id));
  return all;
}

suite('a connector as a sidecar', () => {
  beforeAll(() => void buildCloudflaredImage());
  afterAll(removeCloudflaredImage);

  it('runs in a project of its own and is connected, and the second run changes nothing', async () => {
    host.cloudflare.tunnels.nextSecret = 'slow';
    expect(await host.ensure()).toMatchObject({
      status: 'created',
      ready: true,
      connector: { kind: 'compose', name: project, isRunning: true },
      changes: expect.arrayContaining([
        'wrote the token for its user alone (compose)',
        `wrote the compose project ${project} (compose)`,
        'started it (compose)',
      ]),
    });
    expect(host.reporter.lines.join('\n')).toMatch(/ready: attempt \d+: .*503/);
    const made = inspect();
    expect(made.HostConfig).toMatchObject({
      NetworkMode: 'host',
      RestartPolicy: { Name: 'unless-stopped' },
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: expect.arrayContaining(['no-new-privileges:true']),
    });
    const owner = statSync(join(folder(), tokens()[0] ?? ''));
    expect([owner.mode & 0o777, made.Config.User]).toEqual([0o600, `${owner.uid}:${owner.gid}`]);
    expect(owner.uid).not.toBe(0);
    const shown = [
      JSON.stringify(made),
      docker('logs', containers()[0] ?? ''),
      docker('top', containers()[0] ?? '', '-eo', 'pid,args'),
      readFileSync(join(folder(), 'compose.yaml'), 'utf8'),
      readFileSync(join(folder(), 'tunnel.json'), 'utf8'),
      ...host.reporter.lines,
    ].join('\n');
    for (const secret of [token(), host.cloudflare.token]) expect(shown).not.toContain(secret);
    expect(shown).toContain('--token-file /run/launch/token');

    host.changes();
    const before = containers();
    expect(await host.ensure()).toMatchObject({ status: 'unchanged', changes: [] });
    expect([containers(), host.changes()]).toEqual([before, []]);
    expect(await host.status({ image: undefined })).toMatchObject({
      ready: true,
      connector: { name: project },
    });
  });

  it('on the network of a service is asked by the engine, inside of the container', async () => {
    const network = `${project}-net`;
    docker('network', 'create', '--label', 'launch.test=1', network);
    try {
      await expect(host.ensure({ network })).rejects.toThrow(/is cloudflared's own container/);
      const origin = parseOrigin('http://web:80', 'service');
      expect(await host.ensure({ network, origin })).toMatchObject({ status: 'created', ready: true });
      expect(Object.keys(inspect().NetworkSettings.Networks)).toEqual([network]);
      expect(inspect().State.Health.Status).toBe('healthy');
      expect(inspect().HostConfig.PortBindings).toEqual({});
      // Without being told of the network again.
      expect(await host.status()).toMatchObject({ ready: true });
      expect(await host.remove({ confirm: name })).toMatchObject({ status: 'removed' });
    } finally {
      docker('network', 'rm', network);
    }
  });

  it('is made anew for another token or image, and brought back when it was stopped or changed', async () => {
    await host.ensure();
    const [first] = containers();
    const [tunnel] = host.cloudflare.tunnels.live();
    if (tunnel !== undefined) tunnel.secret = Buffer.from('another').toString('base64');
    expect(await host.ensure()).toMatchObject({ status: 'updated', ready: true });
    expect(containers()).not.toContain(first);
    expect(tokens()).toHaveLength(1);

    docker('stop', '--time', '1', ...containers());
    expect(await host.ensure()).toMatchObject({ changes: ['started it anew (compose)'], ready: true });
    docker('rm', '--force', ...containers());
    writeFileSync(join(folder(), 'compose.yaml'), 'services: {}\n');
    writeFileSync(join(folder(), tokens()[0] ?? ''), 'not the token');
    expect(await host.ensure()).toMatchObject({
      changes: [
        'wrote the token for its user alone (compose)',
        `wrote the compose project ${project} (compose)`,
        'started it (compose)',
      ],
    });
  });

  it('that does not connect leaves the name alone and shows its log without the token', async () => {
    host.cloudflare.tunnels.nextSecret = 'offline';
    const result = await host.ensure({ timeoutMs: 3000 });
    expect(result).toMatchObject({ status: 'failed', connector: { isRunning: true } });
    expect(result.failure?.lines.join('\n')).toContain('Failed to dial a quic connection');
    expect(result.failure?.lines.join('\n')).not.toContain(token());
    expect(host.cloudflare.dns.named(hostname)).toEqual([]);
  });

  it('goes without a trace, also when a removal was cut off after its container', async () => {
    await host.ensure();
    docker('rm', '--force', ...containers());
    expect(await host.remove({ confirm: name })).toMatchObject({
      status: 'removed',
      left: [],
      changes: expect.arrayContaining(['removed its compose file and token']),
    });
    expect([existsSync(join(folder(), 'compose.yaml')), tokens(), containers()]).toEqual([false, [], []]);
  });

  it('that can not be started says what the engine says', async () => {
    await expect(host.ensure({ image: 'launch-test/nowhere:1@sha256:00' })).rejects.toMatchObject({
      code: 'DEPLOY_FAILED',
      message: expect.stringContaining('invalid'),
    });
    const none = { ...process.env, DOCKER_HOST: `unix://${host.stateRoot}/no.sock` };
    await expect(host.ensure({ hostEnv: none })).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    mkdirSync(folder(), { recursive: true });
    expect(await host.ensure()).toMatchObject({ ready: true });
  });

  it('gives way to a systemd unit, once that is connected, and the other way round', async () => {
    const systemd = fakeSystemd();
    const { base } = await serveRelease();
    const folders = systemd.folders;
    const settings = { release: standInRelease(), downloadBase: base, folders };
    try {
      await host.ensure({ host: settings });
      expect(
        await host.ensure({ runAs: 'systemd', image: undefined, host: settings, hostEnv: systemd.env }),
      ).toMatchObject({
        ready: true,
        connector: { kind: 'systemd' },
        changes: expect.arrayContaining([`removed the container of ${project}, which systemd replaces`]),
      });
      expect([containers(), tokens()]).toEqual([[], []]);
      expect(await host.ensure({ host: settings, hostEnv: systemd.env })).toMatchObject({
        ready: true,
        connector: { kind: 'compose' },
        changes: expect.arrayContaining([`removed the unit ${project}.service, which compose replaces`]),
      });
      expect([readdirSync(folders.units), readdirSync(folders.tokens)]).toEqual([[], []]);
    } finally {
      systemd.stop();
    }
  });
});
