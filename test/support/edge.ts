// A real Caddy with its admin API on free loopback ports, for one test file.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EdgeSettings } from '../../src/adapters/edge/edge-file.ts';
import { temporaryFolder } from './repository.ts';

export interface TestEdge {
  readonly settings: EdgeSettings;
  readonly admin: string;
  readonly port: number;
  /** Tells the services of a state folder where it is. */
  announce(stateDir: string, changes?: Partial<EdgeSettings>): void;
  get(host: string, path?: string): Promise<{ readonly status: number; readonly text: string }>;
  config(): Promise<unknown>;
  stop(): Promise<void>;
}

/** `certificates`: TLS, by an authority of its own. */
export async function startEdge({ certificates = false } = {}): Promise<TestEdge> {
  const folder = temporaryFolder('launch-edge-');
  const [adminPort, port, https] = [await quietPort(), await quietPort(), await quietPort()];
  const admin = `127.0.0.1:${adminPort}`;
  const config = join(folder, 'caddy.json');
  writeFileSync(config, JSON.stringify({ admin: { listen: admin }, ...(certificates ? ownAuthority : {}) }));
  const child = spawn('caddy', ['run', '--config', config], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  await answering(child, admin);
  const giveBack = handOver();
  const settings: EdgeSettings = {
    admin,
    http: port,
    https,
    bind: '127.0.0.1',
    tls: certificates ? 'auto' : 'off',
  };
  return {
    settings,
    admin,
    port,
    announce(stateDir, changes = {}) {
      mkdirSync(stateDir, { recursive: true });
      writeFileSync(join(stateDir, 'edge.json'), JSON.stringify({ ...settings, ...changes }));
    },
    get: async (host, path = '/') => await getThrough(port, host, path),
    config: async () => await readConfig(admin),
    async stop() {
      giveBack();
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Caddy opens its admin endpoint anew at each change: a connection of just then may be closed. */
async function readConfig(admin: string): Promise<unknown> {
  for (let left = 10; ; left -= 1) {
    try {
      return await (await fetch(`http://${admin}/config/`, { headers: { connection: 'close' } })).json();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(50);
    }
  }
}

const ownAuthority = {
  apps: {
    pki: { certificate_authorities: { local: { install_trust: false } } },
    tls: { automation: { policies: [{ issuers: [{ module: 'internal' }] }] } },
  },
};

/**
 * What `launch edge up` sets on a host: without it Caddy resets a waiting connection now and then when its
 * configuration changes. Only root may; gives the way back.
 */
function handOver(): () => void {
  const file = '/proc/sys/net/ipv4/tcp_migrate_req';
  const holders = join(tmpdir(), 'launch-test-edges');
  const isOn = () => readFileSync(file, 'utf8').trim() === '1';
  try {
    mkdirSync(holders, { recursive: true });
    if (isOn() && readdirSync(holders).length === 0) return () => {};
    // Another test may be at it as well: the last one gives it back.
    const mine = mkdtempSync(join(holders, 'edge-'));
    writeFileSync(file, '1');
    return () => {
      rmSync(mine, { recursive: true, force: true });
      if (readdirSync(holders).length === 0) writeFileSync(file, '0');
    };
  } catch {
    return () => {};
  }
}

/**
 * A free port below those that the kernel gives to outgoing connections: Caddy opens its ports only with the
 * first route, and under load any of those may be in use by then.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

async function answering(child: ChildProcess, admin: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`caddy ended with ${child.exitCode}`);
    const answer = await fetch(`http://${admin}/config/`).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('caddy does not answer');
}

/** fetch can't send a Host of its own. */
export async function getThrough(port: number, host: string, path: string) {
  const { request } = await import('node:http');
  return await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, agent: false, headers: { Host: host }, timeout: 10_000 },
      (answer) => {
        let text = '';
        answer.on('data', (part) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: text.trim() }));
        answer.on('error', reject);
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', reject);
    sent.end();
  });
}
