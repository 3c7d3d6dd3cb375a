// A Docker Engine of a test's own, beside the one of the machine: it can be restarted and killed.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from './repository.ts';

export interface OwnEngine {
  /** What DOCKER_HOST is to say. */
  readonly host: string;
  start(): Promise<void>;
  /** As `systemctl stop docker` does. */
  stop(): Promise<void>;
  /** As a power loss does: the engine, what it has started, and the containers. */
  crash(): Promise<void>;
  load(image: string): void;
  remove(): Promise<void>;
}

export function ownEngine(): OwnEngine {
  const folder = temporaryFolder('launch-engine-');
  const host = `unix://${folder}/docker.sock`;
  // With none at all (`--bridge none`) dockerd would delete docker0, which belongs to the machine's own engine.
  const bridge = `lt-br-${randomBytes(4).toString('hex')}`;
  const net = `10.${randomInt(200, 250)}`;
  const hadDocker0 = hasLink('docker0');
  let engine: ChildProcess | undefined;
  const ended = async () => {
    if (engine !== undefined && engine.exitCode === null && engine.signalCode === null)
      await once(engine, 'exit');
  };
  const stop = async () => {
    engine?.kill('SIGTERM');
    await ended();
  };
  const options = [
    ...['--host', host, '--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'pid'), '--bridge', bridge, '--iptables=false', '--ip-masq=false'],
    ...['--default-address-pool', `base=${net}.128.0/17,size=24`],
  ];
  return {
    host,
    stop,
    async start() {
      rmSync(join(folder, 'pid'), { force: true });
      if (!hasLink(bridge)) {
        execFileSync('ip', ['link', 'add', bridge, 'type', 'bridge']);
        execFileSync('ip', ['addr', 'add', `${net}.0.1/24`, 'dev', bridge]);
      }
      engine = spawn('dockerd', options, {
        stdio: ['ignore', openSync(join(folder, 'log'), 'a'), openSync(join(folder, 'log'), 'a')],
      });
      for (let left = 100; left > 0; left -= 1) {
        if (spawnSync('docker', ['--host', host, 'version'], { stdio: 'ignore' }).status === 0) return;
        await sleep(200);
      }
      const log = readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(-8).join('\n');
      throw new Error(`the engine did not start:\n${log}`);
    },
    async crash() {
      const pids = processesOf(folder);
      for (const pid of pids) kill(pid);
      await ended();
      // The containers' own processes were children of these.
      for (const pid of processesOf(folder)) kill(pid);
      // What is in /run of a real machine is gone after a reboot, and so are mounts.
      unmount(folder);
      rmSync(join(folder, 'exec'), { recursive: true, force: true });
    },
    load(image) {
      const saved = execFileSync('docker', ['--host', 'unix:///var/run/docker.sock', 'save', image], {
        maxBuffer: 64 * 1024 * 1024,
      });
      execFileSync('docker', ['--host', host, 'load'], { input: saved, stdio: ['pipe', 'ignore', 'pipe'] });
    },
    async remove() {
      await stop();
      unmount(folder);
      rmSync(folder, { recursive: true, force: true });
      spawnSync('ip', ['link', 'del', bridge], { stdio: 'ignore' });
      if (hadDocker0 && !hasLink('docker0'))
        throw new Error('docker0 is gone: the machine has lost its bridge');
    },
  };
}

function hasLink(name: string): boolean {
  return existsSync(join('/sys/class/net', name));
}

function unmount(folder: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((it) => it.startsWith(`${folder}/`)).reverse()) {
    spawnSync('umount', ['--lazy', mount]);
  }
}

/** Told of the folder, or a child of one that was. */
function processesOf(folder: string): number[] {
  const all = readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const parent = Number(
        readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')[1],
      );
      return [{ pid, parent, isOurs: command.includes(`${folder}/`) && !command.startsWith('docker\0') }];
    } catch {
      return [];
    }
  });
  const ours = new Set(all.filter((it) => it.isOurs && it.pid !== process.pid).map((it) => it.pid));
  for (let size = -1; size !== ours.size; ) {
    size = ours.size;
    for (const it of all) if (ours.has(it.parent)) ours.add(it.pid);
  }
  return [...ours];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
