// A machine of a test's own, in namespaces of this one: it has its own processes, network, /run and Docker Engine,
// so that its engine can be restarted and its power cut. Its disk is this machine's.
//
// A second engine in the network of the first one would delete docker0; here each has its own.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from './repository.ts';

export interface Machine {
  boot(): Promise<void>;
  /** Ends everything on it at once; what is in /run is gone, what is on the disk stays. */
  cutPower(): Promise<void>;
  /** As `systemctl stop docker` does, or at once as a crash does. */
  stopEngine(how: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  startEngine(): Promise<void>;
  /** Runs a program there to its end. @throws when it fails. */
  run(command: string, ...args: string[]): string;
  start(command: string, ...args: string[]): ChildProcess;
  /** Loads an image of this machine's engine into its own. */
  load(image: string): void;
  remove(): Promise<void>;
}

export function createMachine(): Machine {
  const folder = temporaryFolder('launch-machine-');
  let shell: ChildProcess | undefined;
  let init = 0;
  let engine: ChildProcess | undefined;

  const inside = (command: string, args: readonly string[]): [string, string[]] => [
    'nsenter',
    ['--target', String(init), '--net', '--pid', '--mount', '--', command, ...args],
  ];
  const run = (command: string, ...args: string[]) => {
    const [program, all] = inside(command, args);
    const { status, stdout, stderr } = spawnSync(program, all, { encoding: 'utf8', timeout: 60_000 });
    if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}${stderr}`);
    return stdout.trim();
  };
  const answers = () => {
    try {
      run('docker', 'version');
      return true;
    } catch {
      return false;
    }
  };
  const startEngine = async () => {
    const log = openSync(join(folder, 'log'), 'a');
    const [program, all] = inside('dockerd', ['--data-root', join(folder, 'data')]);
    engine = spawn(program, all, { stdio: ['ignore', log, log] });
    for (let left = 100; left > 0; left -= 1) {
      if (answers()) return;
      await sleep(200);
    }
    throw new Error(`the engine did not start:\n${readFileSync(join(folder, 'log'), 'utf8').slice(-2000)}`);
  };
  const cutPower = async () => {
    if (shell === undefined) return;
    // The end of its first process is the end of all.
    process.kill(init, 'SIGKILL');
    if (shell.exitCode === null && shell.signalCode === null) await once(shell, 'exit');
    shell = undefined;
  };
  return {
    run,
    startEngine,
    cutPower,
    async boot() {
      // The first process also buries what nobody waits for; a dead containerd would look alive otherwise.
      const start = 'ip link set lo up && mount -t tmpfs tmpfs /run && echo up; while :; do sleep 1; done';
      const namespaces = ['--net', '--pid', '--fork', '--kill-child', '--mount', '--mount-proc'];
      shell = spawn('unshare', [...namespaces, 'sh', '-c', start], { stdio: ['ignore', 'pipe', 'ignore'] });
      if (shell.stdout === null) throw new Error('no pipe');
      await once(shell.stdout, 'data');
      init = Number(readFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`, 'utf8').trim());
      await startEngine();
    },
    async stopEngine(how) {
      if (how === 'SIGTERM') run('sh', '-c', 'kill -TERM "$(cat /run/docker.pid)"');
      else
        run('sh', '-c', 'kill -KILL "$(cat /run/docker.pid)" "$(cat /run/docker/containerd/containerd.pid)"');
      if (engine !== undefined && engine.exitCode === null && engine.signalCode === null)
        await once(engine, 'exit');
    },
    start(command, ...args) {
      const [program, all] = inside(command, args);
      return spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'] });
    },
    load(image) {
      const saved = execFileSync('docker', ['save', image], { maxBuffer: 64 * 1024 * 1024 });
      const [program, all] = inside('docker', ['load']);
      execFileSync(program, all, { input: saved, stdio: ['pipe', 'ignore', 'pipe'] });
    },
    async remove() {
      await cutPower();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
