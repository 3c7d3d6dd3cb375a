import { holderOf, listeners } from '../../adapters/host/listeners.ts';
import { run, succeeded } from '../../adapters/process/run.ts';
import { writeWhole } from '../../adapters/state/on-disk.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';

/** A Caddy in a container of its own. */
export interface EdgeContainer {
  readonly name: string;
  /** Of its admin API, on loopback. */
  readonly admin: string;
  readonly image: string;
  readonly http: number;
  readonly https: number;
  /** On this host: what it is configured with before anything is asked of it. */
  readonly configPath: string;
}

export async function isEdgeContainer(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return succeeded(await run(['docker', 'inspect', '--format', '{{.Id}}', name], { env, timeout: 30_000 }));
}

/**
 * Starts the container, or leaves it as it is when it runs. With the host's network the proxy reaches every
 * container's address, and its admin API is nobody's but this host's.
 *
 * @throws LaunchError PORT_IN_USE, DEPLOY_FAILED
 */
export async function startEdgeContainer(
  { name, admin, image, http, https, configPath }: EdgeContainer,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (await isEdgeContainer(name, env)) {
    await docker(['start', name], env);
    return;
  }
  const adminPort = Number(admin.slice(admin.lastIndexOf(':') + 1));
  await assertFree([http, https, adminPort]);
  await writeWhole(configPath, `${JSON.stringify({ admin: { listen: admin } })}\n`, 0o644);
  const volumes = [`${name}-data:/data`, `${name}-config:/config`, `${configPath}:/etc/caddy/launch.json:ro`];
  await docker(
    [
      ...['run', '--detach', '--name', name, '--label', 'launch.edge=1', '--restart', 'unless-stopped'],
      ...['--network', 'host', ...volumes.flatMap((it) => ['--volume', it]), image],
      // What it served last it serves again after a restart.
      ...['caddy', 'run', '--resume', '--config', '/etc/caddy/launch.json'],
    ],
    env,
  );
}

/** Its certificates stay, in the volume `<name>-data`: an authority gives out only so many a week. */
export async function removeEdgeContainer(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (await isEdgeContainer(name, env)) await docker(['rm', '--force', name], env);
}

async function assertFree(ports: readonly number[]): Promise<void> {
  const found = (await listeners()).find((it) => it.protocol === 'tcp' && ports.includes(it.port));
  if (found === undefined) return;
  const holder = (await holderOf(found.inode)) ?? 'a process of another user';
  throw new LaunchError(
    'PORT_IN_USE',
    `The port ${found.port}, which the edge proxy needs, is in use by ${printable(holder, 200)}.`,
    {
      remedy:
        'Nothing has been changed. Stop what holds it, choose other ports (--http-port, --https-port), or name the Caddy that runs already (--admin).',
    },
  );
}

async function docker(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const result = await run(['docker', ...args], { env, timeout: 300_000 });
  if (succeeded(result)) return;
  throw new LaunchError(
    'DEPLOY_FAILED',
    `docker ${args[0]} of the edge proxy failed: ${printable(result.stderr.trim(), 300)}.`,
    { remedy: 'Mend what it names, then run `launch edge up` again.' },
  );
}
