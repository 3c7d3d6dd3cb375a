import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DetachedRequest {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** An open file that it holds as well, as its descriptor 3. */
  readonly inherit: number;
}

/** A process in a session of its own, which lives on when this one ends. */
export interface Detached {
  readonly pid: number;
  /** A message, with its length before it. */
  send(message: Uint8Array): void;
  /** Undefined when none came in time, or none will come. */
  nextLine(ms: number): Promise<string | undefined>;
  closeInput(): void;
  /** This process may end without it. */
  letGo(): void;
  /** Waits for its end; when that takes too long it is killed. */
  ended(ms: number): Promise<void>;
  kill(): void;
}

export function startDetached(request: DetachedRequest): Detached {
  const [file, ...args] = request.command;
  const child = spawn(file, args, {
    cwd: request.cwd,
    env: request.env,
    stdio: ['pipe', 'pipe', 'ignore', request.inherit],
    detached: true,
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('a child without pipes');
  const lines: string[] = [];
  let wake = () => {};
  let isOver = false;
  const end = new Promise<void>((resolve) => {
    const over = () => {
      isOver = true;
      wake();
      resolve();
    };
    child.once('error', over);
    child.once('exit', over);
  });
  stdin.on('error', () => {});
  createInterface({ input: stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  return {
    pid: child.pid ?? 0,
    send(message) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(message.length);
      stdin.write(Buffer.concat([length, message]));
    },
    async nextLine(ms) {
      const late = new AbortController();
      const deadline = performance.now() + ms;
      while (lines.length === 0 && !isOver && performance.now() < deadline) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const time = sleep(deadline - performance.now(), undefined, { signal: late.signal }).catch(() => {});
        await Promise.race([woken, time]);
      }
      late.abort();
      return lines.shift();
    },
    closeInput: () => void stdin.end(),
    letGo() {
      stdout.destroy();
      stdin.destroy();
      child.unref();
    },
    async ended(ms) {
      const timer = setTimeout(() => child.kill('SIGKILL'), ms);
      await end;
      clearTimeout(timer);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
