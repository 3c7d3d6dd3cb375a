// The stack of services/ai-sandbox as it is, but for what stands behind it: no GPU is asked for, vLLM is a stand-in, and
// Open WebUI gets its mounts.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildStackImage } from '../../test/support/ai-sandbox/images.ts';
import { freePort } from '../../test/support/local-server.ts';
import { temporaryFolder } from '../../test/support/repository.ts';
import type { WebUiImage } from './image.ts';
import type { Account } from './pages.ts';

const template = resolve(import.meta.dirname, '../../services/ai-sandbox/docker-compose.yml.template');

/** The release of Open WebUI that the template names. */
export function pinnedWebUi(): string {
  const version = readFileSync(template, 'utf8').match(/open-webui\/open-webui:v(\d+\.\d+\.\d+)/)?.[1];
  if (version === undefined) throw new Error('the template names no release of Open WebUI');
  return version;
}

export class Stack {
  readonly account: Account = { email: 'admin@example.org', password: randomBytes(12).toString('base64url') };
  readonly apiKey: string = randomBytes(24).toString('base64url');
  readonly uiPort: number;
  readonly ui: string;
  readonly api: string;
  private readonly folder: string;
  private readonly project: string;

  private constructor(ports: { readonly ui: number; readonly api: number }, webUi: WebUiImage) {
    this.uiPort = ports.ui;
    this.ui = `http://127.0.0.1:${ports.ui}`;
    this.api = `http://127.0.0.1:${ports.api}/v1`;
    this.project = `launch-open-webui-${process.pid}`;
    this.folder = temporaryFolder('launch-stack-');
    const image = buildStackImage();
    for (const name of ['models', 'data']) mkdirSync(join(this.folder, name));
    copyFileSync(template, join(this.folder, 'docker-compose.yml'));
    const env = {
      VLLM_IMAGE: image,
      CADDY_IMAGE: image,
      WEBUI_IMAGE: webUi.tag,
      VLLM_API_KEY: this.apiKey,
      WEBUI_ADMIN_EMAIL: this.account.email,
      WEBUI_ADMIN_PASSWORD: this.account.password,
      WEBUI_SECRET_KEY: randomBytes(24).toString('base64url'),
      BIND_ADDRESS: '127.0.0.1',
      WEBUI_PORT: ports.ui,
      API_PORT: ports.api,
      MODELS_DIR: join(this.folder, 'models'),
      WEBUI_DATA_DIR: join(this.folder, 'data'),
    };
    const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`);
    writeFileSync(join(this.folder, '.env'), lines.join(''), { mode: 0o600 });
    const volumes = webUi.volumes.map((it) => `      - ${it}\n`).join('');
    writeFileSync(
      join(this.folder, 'docker-compose.override.yml'),
      `services:\n  vllm:\n    deploy: !reset null\n  open-webui:\n    volumes:\n${volumes}`,
    );
  }

  static async create(webUi: WebUiImage): Promise<Stack> {
    return new Stack({ ui: await freePort(), api: await freePort() }, webUi);
  }

  /** Returns when all of it is healthy. */
  up(...options: readonly string[]): void {
    this.compose('up', '--detach', '--wait', '--wait-timeout', '300', ...options);
  }

  containers(): readonly string[] {
    return this.compose('ps', '--quiet').trim().split('\n').sort();
  }

  logs(service: string): string {
    return this.compose('logs', '--no-color', service);
  }

  down(): void {
    this.compose('down', '--volumes', '--timeout', '1');
  }

  private compose(...args: readonly string[]): string {
    return execFileSync('docker', ['compose', '--project-name', this.project, ...args], {
      cwd: this.folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
