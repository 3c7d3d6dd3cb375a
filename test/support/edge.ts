// A real Caddy with its admin API on free loopback ports, for one test file.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EdgeSettings } from '../../src/adapters/edge/edge-file.ts';
import { freePort } from './deploy-host.ts';
import { temporaryFolder } from './repository.ts';

export interface TestEdge {
  readonly settings: EdgeSettings;
  readonly admin: string;
  readonly port: number;
  /** Tells the services of a state folder where it is. */
  announce(stateDir: string): void;
  get(host: string, path?: string): Promise<{ readonly status: number; readonly text: string }>;
  config(): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startEdge(): Promise<TestEdge> {
  const folder = temporaryFolder('launch-edge-');
  const [adminPort, port, https] = [await freePort(), await freePort(), await freePort()];
  const admin = `127.0.0.1:${adminPort}`;
  const config = join(folder, 'caddy.json');
  writeFileSync(config, JSON.stringify({ admin: { listen: admin } }));
  const child = spawn('caddy', ['run', '--config', config], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  await answering(child, admin);
  const settings: EdgeSettings = { admin, http: port, https, bind: '127.0.0.1', tls: 'off' };
  return {
    settings,
    admin,
    port,
    announce(stateDir) {
      mkdirSync(stateDir, { recursive: true });
      writeFileSync(join(stateDir, 'edge.json'), JSON.stringify(settings));
    },
    get: async (host, path = '/') => await get(port, host, path),
    config: async () => await (await fetch(`http://${admin}/config/`)).json(),
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
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
async function get(port: number, host: string, path: string) {
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
