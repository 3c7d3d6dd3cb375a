import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelledEarly } from '../../core/cancelled.ts';
import { deploymentDockerConfig } from '../../core/deploy/docker-config.ts';
import { loginHost, type RegistryLogin } from '../../core/deploy/registry.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { describeOutcome, run, succeeded } from '../process/run.ts';
import { onDisk } from '../state/on-disk.ts';

export interface LoginOptions {
  /** Where Docker's configuration of this deployment is made; absent before. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly redact: (text: string) => string;
  readonly signal?: AbortSignal | undefined;
}

/** Beside config.json: contexts, and the plugins that a user has installed for himself, compose among them. */
const beside = ['cli-plugins', 'contexts', 'buildx', 'ca.pem', 'cert.pem', 'key.pem'];

/** Makes a private configuration for Docker: the user's own, but for the logins that are to be made in it. */
export async function makeDockerConfig(
  hosts: readonly string[],
  { folder, env }: Pick<LoginOptions, 'folder' | 'env'>,
): Promise<void> {
  const user = env['DOCKER_CONFIG'] || (env['HOME'] ? join(env['HOME'], '.docker') : undefined);
  const config = deploymentDockerConfig(await readConfig(user), hosts);
  await onDisk(folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A shared state folder would hand its own mode down.
    await chmod(folder, 0o700);
    await writeFile(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
    for (const name of user === undefined ? [] : beside) {
      const source = join(user ?? '', name);
      if ((await stat(source).catch(() => undefined)) === undefined) continue;
      await symlink(source, join(folder, name)).catch(() => {});
    }
  });
}

/** @throws LaunchError API_AUTH when the registry refuses, API_ERROR when it can't be asked, CANCELLED */
export async function logIn(
  login: RegistryLogin & { password: string },
  options: LoginOptions,
): Promise<void> {
  const { folder, env, redact, signal } = options;
  const result = await run(
    ['docker', 'login', '--username', login.username, '--password-stdin', loginHost(login.host)],
    {
      env: { ...env, DOCKER_CONFIG: folder },
      input: login.password,
      timeout: 60_000,
      ...(signal === undefined ? {} : { signal }),
    },
  );
  if (succeeded(result)) return;
  const said = printable(redact(result.stderr.trim().split('\n').at(-1) ?? ''), 300);
  if (result.outcome === 'cancelled') {
    throw cancelledEarly();
  }
  const refused = /unauthorized|denied|incorrect|forbidden|40[13]/i.test(said);
  throw new LaunchError(
    refused ? 'API_AUTH' : 'API_ERROR',
    `The login to the registry ${printable(login.host, 120)} as ${printable(login.username, 80)} failed: ${said || describeOutcome(result)}.`,
    {
      place: { file: 'launch.yml' },
      remedy: `Nothing has been changed. Check the secret ${login.secret}, and that its owner may read packages there.`,
    },
  );
}

async function readConfig(folder: string | undefined): Promise<Record<string, unknown>> {
  if (folder === undefined) return {};
  try {
    const config: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    return typeof config === 'object' && config !== null ? { ...config } : {};
  } catch {
    // Absent or broken: Docker itself does without, too.
    return {};
  }
}
