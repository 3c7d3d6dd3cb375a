// A network for the browser alone. Chromium drops its connections (ERR_NETWORK_CHANGED) whenever an interface of its network
// comes or goes, which is whenever any container on this machine starts or ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/repository.ts';

export interface OwnNetwork {
  /** Starts Chromium in it, as Chromium itself is started. */
  readonly chromium: string;
  close(): void;
}

/** It has a loopback interface only, and this port of the machine at the same address. */
export async function openOwnNetwork(port: number): Promise<OwnNetwork> {
  const folder = temporaryFolder('launch-network-');
  // Files are the same on both sides, and so are sockets among them.
  const socket = join(folder, 'relay');
  const outside = createServer((from) => relay(from, connect(port, '127.0.0.1'))).listen(socket);
  await once(outside, 'listening');
  const inside = spawn(
    'unshare',
    [
      '--net',
      'sh',
      '-c',
      'ip link set lo up && exec "$@"',
      'sh',
      process.execPath,
      import.meta.filename,
      String(port),
      socket,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await listening(inside);
  const chromium = join(folder, 'chromium');
  writeFileSync(
    chromium,
    `#!/bin/sh\nexec nsenter --target ${inside.pid} --net -- /usr/bin/chromium "$@"\n`,
    { mode: 0o755 },
  );
  return {
    chromium,
    close() {
      inside.kill('SIGKILL');
      outside.close();
    },
  };
}

async function listening({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error('no pipe');
  const [line] = await Promise.race([once(stdout, 'data'), once(stdout, 'end')]);
  if (line === undefined) throw new Error('no network of its own for the browser: it takes root');
}

function relay(from: Socket, to: Socket): void {
  from.pipe(to).pipe(from);
  from.on('error', () => to.destroy());
  to.on('error', () => from.destroy());
}

if (import.meta.main) {
  const [port, socket = ''] = process.argv.slice(2);
  createServer((from) => relay(from, connect(socket))).listen(Number(port), '127.0.0.1', () => {
    process.stdout.write('listening\n');
  });
}
