import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type FakeCloudflare, startFakeCloudflare } from '../support/cloudflare-api/server.ts';
import {
  buildCloudflaredImage,
  cloudflaredImage,
  removeCloudflaredImage,
  serveRelease,
} from '../support/cloudflared/stand-in.ts';
import { docker, filesBelow } from '../support/deploy-host.ts';
import { launch } from '../support/launch-command.ts';
import { closeServers } from '../support/local-server.ts';
import { removeRepositories, temporaryFolder } from '../support/repository.ts';
import { type ActionRun, runAction, startAction } from '../support/run-action.ts';
import { fakeSystemd } from '../support/systemd/fake-systemd.ts';
import { requireTools } from '../support/tools.ts';

const action = 'cloudflare-tunnel';
const hostname = 'chat.example.org';
const suite = requireTools('docker', 'compose', 'busybox', 'flock', 'node24');

let fake: FakeCloudflare;
let name: string;
let stateDir: string;
beforeEach(async () => {
  fake = await startFakeCloudflare();
  fake.dns.addZone('example.org');
  name = `lt-${randomBytes(4).toString('hex')}`;
  stateDir = temporaryFolder('launch-tunnel-');
});
afterEach(async () => {
  const label = `label=com.docker.compose.project=launch-tunnel-${name}`;
  const ids = docker('ps', '--all', '--quiet', '--filter', label).split('\n').filter(Boolean);
  if (ids.length > 0) docker('rm', '--force', ...ids);
  await fake.close();
  closeServers();
  expect(fake.refused).toEqual([]);
});
afterAll(removeRepositories);

const run = (inputs: ActionRun['inputs'] = {}, more: ActionRun = {}): ActionRun => ({
  ...more,
  inputs: {
    name,
    hostname,
    service: 'http://127.0.0.1:3080',
    image: cloudflaredImage,
    'api-token': fake.token,
    'account-id': fake.accountId,
    'state-dir': stateDir,
    ...inputs,
  },
  env: { CLOUDFLARE_API_BASE_URL: fake.url, ...more.env },
});

/** All that was printed, but for the commands by which the runner learns what to hide. */
const printed = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) =>
  [...stdout.split('\n').filter((line) => !line.startsWith('::add-mask::')), stderr].join('\n');

suite('the tunnel, as it ships', () => {
  beforeAll(() => void buildCloudflaredImage());
  afterAll(removeCloudflaredImage);

  it('is made by a step, left alone by the next, shown and removed at a terminal', async () => {
    const made = await runAction(action, run());
    expect({ exitCode: made.exitCode, outputs: made.outputs }).toEqual({
      exitCode: 0,
      outputs: {
        status: 'created',
        'tunnel-id': fake.tunnels.live()[0]?.id,
        hostname,
        url: `https://${hostname}`,
        ready: 'true',
      },
    });
    expect(made.summary).toContain('Tunnel made');
    expect(await runAction(action, run())).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged' } });

    const [tunnel] = fake.tunnels.live();
    const token = tunnel === undefined ? '' : fake.tunnels.tokenOf(tunnel);
    expect(made.masks).toEqual(expect.arrayContaining([token, fake.token]));
    const kept = [...filesBelow(stateDir)]
      .filter(([path]) => !/\/token\.[0-9a-f]{16}$/.test(path))
      .map(([, content]) => content);
    expect(kept.length).toBeGreaterThan(2);
    const shown = [printed(made), made.summary, ...kept].join('\n');
    for (const secret of [token, fake.token]) expect(shown).not.toContain(secret);

    const at = ['--state-dir', stateDir, '--json'];
    const env = { ...fake.env, DOCKER_HOST: process.env['DOCKER_HOST'] };
    const status = await launch(['tunnel', 'status', name, ...at], { cwd: stateDir, env });
    expect({ exitCode: status.exitCode, json: status.json() }).toMatchObject({
      exitCode: 0,
      json: { ready: true, routes: [{ hostname, service: 'http://127.0.0.1:3080', dns: 'launch' }] },
    });
    const up = ['tunnel', 'up', name, '--hostname', hostname, '--service', 'http://127.0.0.1:3080'];
    const again = await launch([...up, '--image', cloudflaredImage, ...at], { cwd: stateDir, env });
    expect({ exitCode: again.exitCode, json: again.json() }).toMatchObject({
      exitCode: 0,
      json: { status: 'unchanged' },
    });
    const removed = await launch(['tunnel', 'remove', name, '--confirm', name, ...at], {
      cwd: stateDir,
      env,
    });
    expect({ exitCode: removed.exitCode, json: removed.json() }).toMatchObject({
      exitCode: 0,
      json: { status: 'removed', left: [] },
    });
    expect([fake.tunnels.live(), fake.dns.named(hostname)]).toEqual([[], []]);
    const gone = await launch(['tunnel', 'status', name, ...at], { cwd: stateDir, env });
    expect({ exitCode: gone.exitCode, json: gone.json() }).toMatchObject({
      exitCode: 1,
      json: { status: 'absent' },
    });
  });

  it('that does not connect fails the step, with outputs, and at a terminal means down', async () => {
    fake.tunnels.nextSecret = 'offline';
    const failed = await runAction(action, run({ timeout: '2s' }));
    expect(failed).toMatchObject({ exitCode: 1, outputs: { status: 'failed', ready: 'false' } });
    expect(failed.annotations).toMatchObject([{ title: 'HEALTH_FAILED' }]);
    expect(failed.summary).toContain('Failed to dial a quic connection');
    expect(fake.dns.named(hostname)).toEqual([]);
    const up = ['tunnel', 'up', name, '--hostname', hostname, '--service', 'http://127.0.0.1:3080'];
    const { exitCode, stderr } = await launch(
      [...up, '--image', cloudflaredImage, '--state-dir', stateDir, '--timeout', '1'],
      { cwd: stateDir, env: { ...fake.env, DOCKER_HOST: process.env['DOCKER_HOST'] } },
    );
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('HEALTH_FAILED')]);
  });

  it('whose run is killed, or cancelled, is finished by the next', async () => {
    fake.tunnels.nextSecret = 'slow';
    for (const [signal, milestone] of [
      ['SIGKILL', 'Made the tunnel'],
      ['SIGKILL', `Led ${hostname}`],
      ['SIGKILL', 'attempt 1'],
      ['SIGINT', 'attempt 1'],
    ] as const) {
      const started = startAction(action, run());
      while (!started.log().includes(milestone)) await new Promise((done) => setTimeout(done, 10));
      started.kill(signal);
      const { exitCode, annotations } = await started.result;
      if (signal === 'SIGINT') expect([exitCode, annotations]).toMatchObject([1, [{ title: 'CANCELLED' }]]);
      const next = await runAction(action, run());
      expect(next).toMatchObject({ exitCode: 0, outputs: { ready: 'true' } });
      expect(fake.dns.named(hostname)).toHaveLength(1);
      await runAction(action, run({ operation: 'remove', service: '', confirm: name }));
      expect(fake.tunnels.live()).toEqual([]);
    }
  });
});

suite('a step that is refused', () => {
  it('hides the token and asks nobody', async () => {
    const pull = await runAction(action, run({}, { eventName: 'pull_request' }));
    expect(pull.annotations).toMatchObject([{ title: 'UNTRUSTED_EVENT' }]);
    const hostile = {
      name: '../../etc',
      hostname: "x'); DROP TABLE instances; --",
      service: 'http://u:hunter22@x/$(reboot)',
      network: '--privileged',
      'account-id': '../zones',
      operation: '::set-output name=status::created',
    };
    for (const [input, value] of Object.entries(hostile)) {
      const refused = await runAction(action, run({ [input]: value }));
      expect([input, refused.exitCode, refused.outputs]).toEqual([input, 1, {}]);
      expect([input, refused.masks.includes(fake.token)]).toEqual([input, true]);
      expect(printed(refused)).not.toMatch(/hunter22|^::set-output/m);
    }
    expect([fake.requests, [...filesBelow(stateDir).keys()]]).toEqual([[], []]);
  });

  it('installs nothing that is not the pinned cloudflared', async () => {
    const { base } = await serveRelease(() => Buffer.from('somebody else'));
    const { env } = fakeSystemd();
    const refused = await runAction(
      action,
      run(
        { 'run-as': 'systemd', image: '' },
        { env: { PATH: env['PATH'], CLOUDFLARED_DOWNLOAD_BASE_URL: base } },
      ),
    );
    expect(refused.annotations).toMatchObject([
      { title: 'API_ERROR', message: expect.stringMatching(/its SHA-256 is [0-9a-f]{64}/) },
    ]);
    expect(existsSync('/etc/launch/tunnels')).toBe(false);
    expect(existsSync(`/etc/systemd/system/launch-tunnel-${name}.service`)).toBe(false);
  });

  it('says at a terminal which variable is missing, and what it does not know', async () => {
    const run = async (...args: string[]) => await launch(['tunnel', ...args], { cwd: stateDir });
    expect(await run('up', 'shop')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('CLOUDFLARE_API_TOKEN'),
    });
    expect(await run('down', 'shop')).toMatchObject({ exitCode: 2 });
    expect(await run('up', 'shop', '--run-as', 'docker')).toMatchObject({ exitCode: 2 });
  });
});
