// stackscripts/ai-sandbox.sh when it is not left alone: a restart of the machine, a kill, a cut connection, a second run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { expectReady, when } from '../../support/ai-sandbox/faults.ts';
import { createHost, type Host } from '../../support/ai-sandbox/host.ts';
import { closeServers } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

const shard = 'model-00001-of-00002.safetensors';
/** 200 in `npm run soak:sandbox`. */
const kills = Number(process.env['LAUNCH_SANDBOX_KILLS'] ?? 4);
const resumeUnit = '/etc/systemd/system/ai-sandbox-resume.service';

requireTools('root', 'curl')('a run of the AI sandbox that is interrupted', () => {
  let host: Host;
  beforeEach(async () => {
    host = await createHost();
  });
  afterEach(async () => {
    await host.close();
    closeServers();
    removeRepositories();
  });
  const states = () => Object.fromEntries(host.status().phases.map(({ name, state }) => [name, state]));
  /** What systemd runs at the next boot, as long as its condition holds. */
  const boot = async (id: string) => {
    host.system.write('/laid/boot_id', `${id}\n`);
    expect(host.system.file(resumeUnit)).toContain('ConditionPathExists=/var/lib/ai-sandbox/unfinished');
    expect(host.system.exists('/var/lib/ai-sandbox/unfinished')).toBe(true);
    const [, ...command] = /^ExecStart=(\S+) (\S+)$/m.exec(host.system.file(resumeUnit)) ?? [];
    return await host.system.run(host.env, ...command);
  };
  const reboots = () => host.commands('systemctl').filter((it) => it === 'reboot').length;

  it('restarts the machine once for its driver, and continues where it was', async () => {
    host.machine.loadable = false;
    const first = await host.run();
    expect([first.status, host.status().state, host.status().phase]).toEqual([0, 'running', 'driver']);
    expect(states()).toMatchObject({ packages: 'done', driver: 'waiting', docker: 'waiting' });
    expect(host.motd()).toContain('restarting the machine once');
    // The unit that continues was there before the restart was asked for.
    const order = host.commands('systemctl');
    expect(order.indexOf('enable ai-sandbox-resume.service')).toBeLessThan(order.indexOf('reboot'));

    host.machine.driver = true;
    const installed = host.commands('apt-get').length;
    const second = await boot('boot-2');
    expect([second.status, host.status().state]).toEqual([0, 'ready']);
    expect(second.output).toContain('packages: done in an earlier run');
    expect(reboots()).toBe(1);
    // Docker and the toolkit only.
    expect(host.commands('apt-get').slice(installed)).toHaveLength(3);
    expect(host.commands('ubuntu-drivers')).toHaveLength(1);
  });

  it('is told to end by the restart that it asked for, and takes that for no failure', async () => {
    host.machine.loadable = false;
    const child = host.system.start(host.env, '/bin/bash', host.system.script);
    child.stdout?.resume();
    child.stderr?.resume();
    host.override = (call) => {
      if (when('systemctl', 'reboot')(call)) child.kill('SIGTERM');
      return undefined;
    };
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect([host.status().state, host.status().error]).toEqual(['running', null]);
    expect(host.motd()).toContain('restarting the machine once');
    host.machine.driver = true;
    expect([(await boot('boot-2')).status, host.status().state]).toEqual([0, 'ready']);
  });

  it('fetches anew what a loss of power has left empty', async () => {
    await expectReady(host);
    const file = `/opt/models/hub/models--mistralai--Mistral-7B-Instruct-v0.3/snapshots/${host.hub.commit}/${shard}`;
    host.system.write(file, '');
    host.system.remove('/var/lib/ai-sandbox/done/download');
    await expectReady(host);
    expect(host.system.file(file)).toHaveLength(200_000);
  });

  it('brings packages to their end that were cut off, and fetches lists that have aged', async () => {
    let broken = true;
    let aged = true;
    host.override = (call) => {
      if (when('dpkg', '--configure')(call)) broken = false;
      if (!broken && when('apt-get', 'update')(call)) aged = false;
      if (broken && when('apt-get', 'install')(call))
        return { status: 100, output: 'E: dpkg was interrupted\n' };
      return aged && when('ubuntu-drivers')(call) ? { status: 100, output: '404  Not Found\n' } : undefined;
    };
    await expectReady(host);
  });

  it('waits while the updates of the system hold the lists of packages', async () => {
    const lock = '/var/lib/apt/lists/lock';
    host.system.write(lock, '');
    const hold =
      "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print(); sys.stdin.read()";
    const holder = spawn('python3', ['-c', hold, join(host.system.root, lock)]);
    await once(holder.stdout, 'data');
    const run = host.run();
    while (!host.system.exists('/var/lib/ai-sandbox/done/preflight')) await sleep(20);
    await sleep(500);
    const early = host.commands('apt-get');
    holder.stdin.end();
    expect(early).toEqual([]);
    expect([(await run).status, host.status().state]).toEqual([0, 'ready']);
  });

  it('waits for a service that ended before its cause was gone', async () => {
    await expectReady(host);
    await host.system.run(host.env, '/fixtures/docker', 'compose', 'down');
    let restarts = 5;
    let made = false;
    let later: Promise<unknown> | undefined;
    host.override = (call) => {
      if (when('docker', 'rm')(call)) restarts = 0;
      if (when('docker', 'compose', 'ps')(call)) return { output: 'c0ffee\n' };
      // It takes its time to be up: nobody answers before it has been looked at.
      if (when('docker', 'compose', 'up')(call)) {
        if (made) return undefined;
        made = true;
        return {};
      }
      if (!when('docker', 'inspect')(call)) return undefined;
      if (made) later ??= host.system.run(host.env, '/fixtures/docker', 'compose', 'up');
      return { output: `running ${restarts}\n` };
    };
    await expectReady(host);
    await later;
  });

  it('never restarts it a second time, but says why; a driver that works then heals it', async () => {
    host.machine.loadable = false;
    await host.run();
    // Cut off before the machine went down: the same boot may ask again.
    expect((await host.run()).status).toBe(0);
    expect(reboots()).toBe(2);
    const second = await boot('boot-2');
    expect([second.status, host.status().state, host.status().error?.code]).toEqual([
      1,
      'failed',
      'DRIVER_NOT_LOADED',
    ]);
    expect(host.motd()).toMatch(/restarted once: NVIDIA-SMI has failed[\s\S]*dkms status/);
    expect((await host.run()).status).toBe(1);
    expect(reboots()).toBe(2);
    // The next start of the machine leaves it alone.
    expect(host.system.exists('/var/lib/ai-sandbox/unfinished')).toBe(false);
    host.machine.loadable = true;
    await expectReady(host);
  });

  it('is killed in the middle of a phase, and continues there with the same secrets', async () => {
    const matches = when('docker', 'up');
    let reached = () => {};
    const there = new Promise<void>((done) => {
      reached = done;
    });
    host.override = (it) => {
      if (matches(it)) reached();
      return undefined;
    };
    const child = host.system.start(host.env, '/bin/bash', host.system.script);
    child.stdout?.resume();
    await there;
    // The script itself, as the kernel does it when memory runs out.
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect([host.status().state, host.status().phase]).toEqual(['running', 'start']);
    const key = host.secret('VLLM_API_KEY');
    // What the script had started ends by itself, and holds the lock until then.
    await sleep(100);
    host.override = undefined;
    const run = await boot('boot-2');
    expect([run.status, host.status().state, host.status().error]).toEqual([0, 'ready', null]);
    expect(host.secret('VLLM_API_KEY')).toBe(key);
  });

  it('is told to end: says so, and goes on at the next start of the machine', async () => {
    host.hub.fault = { on: shard, stallAfter: 1000 };
    host.env['AI_SANDBOX_STALL_TIMEOUT'] = '2';
    const child = host.system.start(host.env, '/bin/bash', host.system.script);
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    while (!host.hub.requests.some(({ url }) => url.endsWith(shard))) await sleep(20);

    // A second run meanwhile changes nothing.
    const status = host.status();
    const other = await host.run();
    expect([other.status, other.output]).toEqual([1, expect.stringContaining('Another run is under way')]);
    expect(host.status()).toEqual(status);

    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(1);
    expect([host.status().state, host.status().error?.code]).toEqual(['failed', 'INTERRUPTED']);
    expect(output).toContain('INTERRUPTED');
    host.hub.fault = undefined;
    expect([(await boot('boot-2')).status, host.status().state]).toEqual([0, 'ready']);
  });

  it(`is killed at any moment, ${kills} times, and leaves nothing half-written`, async () => {
    const keys = new Set<string>();
    for (let kill = 0; kill < kills; kill += 1) {
      // Kills go through the whole run, whatever it takes here.
      if (kill % 10 === 9)
        for (const phase of ['packages', 'driver', 'docker', 'toolkit', 'download'])
          host.system.remove(`/var/lib/ai-sandbox/done/${phase}`);
      await killAfter(host, 1 + Math.floor(Math.random() * 45));
      await lockIsFree(host);
      expectWhole(host);
      if (host.system.exists('/opt/ai-sandbox/.env')) keys.add(host.secret('VLLM_API_KEY'));
    }
    await expectReady(host);
    expect([...keys.add(host.secret('VLLM_API_KEY'))]).toHaveLength(1);
  }, 600_000);
});

/** Runs the script until it has called so many programs. */
async function killAfter(host: Host, calls: number): Promise<void> {
  const child = host.system.start(host.env, '/bin/bash', host.system.script);
  child.stdout?.resume();
  child.stderr?.resume();
  const ended = once(child, 'exit');
  const last = host.calls.length + calls;
  while (host.calls.length < last && child.exitCode === null) await sleep(1);
  child.kill('SIGKILL');
  await ended;
}

/** What a killed script had started may hold its lock a little longer. */
async function lockIsFree(host: Host): Promise<void> {
  await host.system.run({}, '/usr/bin/flock', '--timeout', '30', '/var/lib/ai-sandbox/lock', '/bin/true');
}

function expectWhole({ system, status, motd }: Host): void {
  if (system.exists('/var/log/ai-sandbox/status.json')) {
    expect(status().error).toBeNull();
    expect(motd()).toMatch(/=== AI sandbox ===[\s\S]*Status: \/var\/log\/ai-sandbox\/status\.json\n$/);
  }
  if (system.exists('/opt/ai-sandbox/.env'))
    expect(system.file('/opt/ai-sandbox/.env')).toMatch(
      /^COMPOSE_PROJECT_NAME=[\s\S]*\nWEBUI_SECRET_KEY='[0-9a-f]+'\n$/,
    );
}
