// The stack of the sandbox on the real engine, out of stand-in images.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createHost, type Host } from './host.ts';
import { buildStackImage } from './images.ts';

export interface StackHost {
  readonly host: Host;
  readonly ui: string;
  readonly api: string;
  compose(...args: string[]): string;
  remove(): Promise<void>;
}

/** What a machine without a GPU and a registry takes in place of the real thing: an override of the compose file. */
export function standInOverride(): string {
  const service = { image: buildStackImage(), labels: { 'launch.test': '1' } };
  const vllm = { ...service, shm_size: '64m', deploy: null };
  return stringify({ services: { vllm, api: service, 'open-webui': service } }).replace(
    'deploy: null',
    'deploy: !reset null',
  );
}

/** A host whose docker is the real one. */
export async function createStackHost(): Promise<StackHost> {
  const host = await createHost(true);
  const project = `ai-sandbox-test-${randomBytes(4).toString('hex')}`;
  const { root } = host.system;
  Object.assign(host.env, {
    AI_SANDBOX_PROJECT: project,
    AI_SANDBOX_MODELS_DIR: join(root, 'opt/models'),
    AI_SANDBOX_WEBUI_DATA_DIR: join(root, 'opt/open-webui'),
  });
  host.system.write('/opt/ai-sandbox/docker-compose.override.yml', standInOverride());
  const docker = ['compose', '--project-directory', join(root, 'opt/ai-sandbox'), '--project-name', project];
  return {
    host,
    ui: `http://127.0.0.1:${host.ports.ui}`,
    api: `http://127.0.0.1:${host.ports.api}`,
    compose: (...args) => execFileSync('docker', [...docker, ...args], { encoding: 'utf8', stdio: 'pipe' }),
    async remove() {
      spawnSync('docker', [...docker, 'down', '--volumes', '--timeout', '1'], { stdio: 'ignore' });
      await host.close();
    },
  };
}
