import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { run, succeeded } from '../process/run.ts';

/** Where the engine's API is. */
export type EngineEndpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer } | undefined;
    };

/**
 * The engine that the `docker` command would talk to: DOCKER_HOST, else the chosen context, else the socket of
 * this machine.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE for an address that can't be used from here
 */
export async function findEndpoint(env: NodeJS.ProcessEnv): Promise<EngineEndpoint> {
  const host = env['DOCKER_HOST'] || (await contextHost(env)) || 'unix:///var/run/docker.sock';
  if (host.startsWith('unix://')) return { kind: 'unix', path: host.slice('unix://'.length) };
  if (host.startsWith('tcp://') && URL.canParse(host)) {
    const { hostname, port } = new URL(host.replace('tcp:', 'http:'));
    const tls = env['DOCKER_TLS_VERIFY'] ? await readCertificates(env) : undefined;
    return {
      kind: 'tcp',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (tls ? 2376 : 2375)),
      tls,
    };
  }
  throw new LaunchError(
    'ENGINE_UNAVAILABLE',
    `Launch can't talk to the Docker Engine at ${printable(host)}.`,
    { remedy: 'It takes unix:// and tcp:// addresses; set DOCKER_HOST to one, or run on the host itself.' },
  );
}

/** Of a context other than the default one, `docker` itself knows the address. */
async function contextHost(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const name = env['DOCKER_CONTEXT'] || (await configuredContext(env));
  if (name === undefined || name === '' || name === 'default') return undefined;
  const format = '{{.Endpoints.docker.Host}}';
  const result = await run(['docker', 'context', 'inspect', '--format', format, name], {
    env,
    timeout: 10_000,
  });
  if (succeeded(result)) return result.stdout.trim();
  throw new LaunchError('ENGINE_UNAVAILABLE', `There is no docker context "${printable(name)}".`, {
    remedy: 'Choose one of `docker context ls`, or set DOCKER_HOST.',
  });
}

async function configuredContext(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folder = env['DOCKER_CONFIG'] || (env['HOME'] ? join(env['HOME'], '.docker') : undefined);
  if (folder === undefined) return undefined;
  try {
    const config: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    return typeof config === 'object' &&
      config !== null &&
      'currentContext' in config &&
      typeof config.currentContext === 'string'
      ? config.currentContext
      : undefined;
  } catch {
    // Absent or broken: `docker` itself then uses the default, too.
    return undefined;
  }
}

async function readCertificates(env: NodeJS.ProcessEnv) {
  const folder = env['DOCKER_CERT_PATH'] || join(env['HOME'] ?? '/', '.docker');
  try {
    const [ca, cert, key] = await Promise.all(
      ['ca.pem', 'cert.pem', 'key.pem'].map(async (name) => await readFile(join(folder, name))),
    );
    if (ca === undefined || cert === undefined || key === undefined) return undefined;
    return { ca, cert, key };
  } catch (cause) {
    throw new LaunchError('ENGINE_UNAVAILABLE', `The certificates for the Docker Engine can't be read.`, {
      remedy: `DOCKER_TLS_VERIFY asks for ca.pem, cert.pem and key.pem in ${printable(folder)}.`,
      cause,
    });
  }
}
