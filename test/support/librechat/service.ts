// services/librechat as it ships, on this machine: with the images of the tests, a port of its own, and less patience.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileContent, Files } from '../repository.ts';
import { temporaryFolder } from '../repository.ts';
import { ROOT } from '../source-tree.ts';
import { buildLibreChatImages, type LibreChatImages } from './images.ts';

const folder = join(ROOT, 'services/librechat');

export const libreChatSecrets = [
  'CREDS_KEY',
  'CREDS_IV',
  'JWT_SECRET',
  'JWT_REFRESH_SECRET',
  'MEILI_MASTER_KEY',
  'MONGO_PASSWORD',
  'POSTGRES_PASSWORD',
] as const;

export interface LibreChatService {
  readonly images: LibreChatImages;
  /** Of the service folder, and with a leading slash of the repository. */
  readonly files: Files;
  /** What a pull request changes: variables of service.yml. */
  env(variables: Readonly<Record<string, string>>): Files;
  /** What a pull request changes: the image of the api in compose.yml. */
  image(tag: string): Files;
}

export function libreChatService(port: number): LibreChatService {
  const images = buildLibreChatImages();
  const { LIBRECHAT_IMAGE: _pinned, ...others } = Object.fromEntries(images.variables);
  const places = { ...others, LIBRECHAT_PORT: String(port), HEALTH_INTERVAL: '1s' };
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const env = (variables: Readonly<Record<string, string>>): Files => {
    const given = Object.entries({ ...places, ...variables }).map(([name, value]) => `  ${name}: "${value}"`);
    const shipped = read('service.yml').replace(
      new RegExp(`^  (?:${Object.keys(variables).join('|') || 'none'}): .*\\n`, 'gm'),
      '',
    );
    return { 'service.yml': replaced(shipped, /^env:\n/m, `steady: 1s\nenv:\n${given.join('\n')}\n`) };
  };
  const image = (tag: string): Files => ({
    'compose.yml': replaced(read('compose.yml'), /(?<=LIBRECHAT_IMAGE:-)[^}]+/, tag),
  });
  return {
    images,
    env,
    image,
    files: {
      ...Object.fromEntries(readdirSync(folder).map((name) => [name, content(join(folder, name))])),
      ...env({}),
      ...image(images.api.first),
      '/launch.yml': readFileSync(join(ROOT, 'launch.yml'), 'utf8'),
      '/scripts/deploy-docker.sh': content(join(ROOT, 'scripts/deploy-docker.sh')),
      '/scripts/lib/log.sh': content(join(ROOT, 'scripts/lib/log.sh')),
    },
  };
}

/** The block of README.md that makes the secrets, run as it stands. @returns the lines of the file that it writes */
export function makeSecrets(): string {
  const cwd = temporaryFolder('launch-secrets-');
  runReadme('librechat.env', cwd, {});
  return readFileSync(join(cwd, 'librechat.env'), 'utf8');
}

/** Runs the blocks of README.md that mention a text, as they stand. */
export function runReadme(mentions: string, cwd: string, env: Readonly<Record<string, string>>): string {
  const blocks = readFileSync(join(folder, 'README.md'), 'utf8').matchAll(
    /^<!-- doc-test: same as \S+ -->\n```sh\n([\s\S]*?)^```$/gm,
  );
  const [block, ...more] = Array.from(blocks, ([, text = '']) => text).filter((it) => it.includes(mentions));
  if (block === undefined || more.length > 0) throw new Error(`not one block of README.md has "${mentions}"`);
  return execFileSync('bash', ['-euc', block], {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function content(path: string): FileContent {
  const text = readFileSync(path, 'utf8');
  return (statSync(path).mode & 0o100) === 0 ? text : { executable: text };
}

function replaced(text: string, what: RegExp, by: string): string {
  const changed = text.replace(what, () => by);
  if (changed === text) throw new Error(`services/librechat has changed: where is ${what}?`);
  return changed;
}
