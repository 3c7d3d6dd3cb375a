import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EngineApi, openEngine } from '../../adapters/engine/api.ts';
import { containersOf, type ListedContainer } from '../../adapters/engine/containers.ts';
import { findEndpoint } from '../../adapters/engine/endpoint.ts';
import { engineInfo } from '../../adapters/engine/engine-info.ts';
import { assertNotCancelled, run, succeeded } from '../../adapters/process/run.ts';
import { onDisk, writeWhole } from '../../adapters/state/on-disk.ts';
import { connectorName, firstMetricsPort, metricsAddress } from '../../core/cloudflare/tunnel/cloudflared.ts';
import { sidecarFile } from '../../core/cloudflare/tunnel/sidecar.ts';
import { LaunchError } from '../../core/errors.ts';
import { checkFromSetting } from '../../core/health/from-settings.ts';
import { printable } from '../../core/names.ts';
import { type Connector, type ConnectorContext, metricsPort, sealOfToken } from './connector.ts';

export interface ComposeContext extends ConnectorContext {
  readonly image: string;
  /** A network of the engine; undefined: that of the host. */
  readonly network: string | undefined;
}

/** The user of cloudflared's own image, where root hands the token over. */
const imageUser = { uid: 65_532, gid: 65_532 };

/** A connector in a container of its own compose project, which the engine starts again at boot. */
export function composeConnector(context: ComposeContext): Connector {
  const { tunnel, stateRoot, folder, env, signal, reporter, known, image, network } = context;
  const project = connectorName(tunnel);
  const file = join(folder, 'compose.yaml');

  const compose = async (...args: string[]) => {
    const command = ['docker', 'compose', '--progress', 'plain', '-p', project, '-f', file, ...args] as const;
    const result = assertNotCancelled(
      await run(command, {
        env,
        cwd: folder,
        timeout: context.timeoutMs,
        onLine: (line) => reporter.debug(line),
        ...(signal === undefined ? {} : { signal }),
      }),
    );
    if (succeeded(result)) return;
    if (result.outcome === 'timed-out') {
      throw new LaunchError('TIMEOUT', `docker compose ${args[0]} of ${project} took too long.`, {
        remedy: 'Run it again, or raise `timeout`.',
      });
    }
    const said = result.stderr.trim().split('\n').slice(-3).join(' ');
    throw new LaunchError(
      'DEPLOY_FAILED',
      `docker compose ${args[0]} of ${project} failed: ${printable(said, 400)}.`,
      {
        remedy: 'Mend what it names, then run it again.',
      },
    );
  };

  return {
    kind: 'compose',

    async find() {
      const isFile = (await readFile(file, 'utf8').catch(() => undefined)) !== undefined;
      if (!isFile && known.current()?.runAs !== 'compose') return undefined;
      const containers = await withEngine(env, async (api) => await containersIn(api, project));
      if (!isFile && containers.length === 0) return undefined;
      return { name: project, isRunning: containers.some(({ state }) => state === 'running') };
    },

    async apply(token) {
      return await withEngine(env, async (api) => {
        assertLocal(api);
        await known.update({ runAs: 'compose' });
        await mkdir(folder, { recursive: true });
        const changes: string[] = [];
        const user = await userFor(api, context);
        const tokenFile = join(folder, `token.${await sealOfToken(stateRoot, token)}`);
        if ((await readFile(tokenFile, 'utf8').catch(() => undefined)) !== token) {
          await writeToken(tokenFile, token, user.owner);
          changes.push('wrote the token for its user alone');
        }
        // A container's own loopback has all ports free; none is noted, which tells the one from the other.
        if (network !== undefined)
          await known.update({ ports: { ...known.current()?.ports, compose: undefined } });
        const port = network === undefined ? await metricsPort(context, 'compose') : firstMetricsPort;
        const text = sidecarFile({ tunnel, image, tokenFile, user: user.inside, port, network });
        if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) {
          await writeWhole(file, text, 0o644);
          changes.push(`wrote the compose project ${project}`);
        }
        const before = await containersIn(api, project);
        await compose('up', '--detach', '--remove-orphans', '--quiet-pull');
        const after = await containersIn(api, project);
        const wasThere = after.every((it) =>
          before.some(({ id, state }) => id === it.id && state === it.state),
        );
        if (!wasThere) changes.push(before.length === 0 ? 'started it' : 'started it anew');
        await removeTokens(folder, tokenFile);
        return changes;
      });
    },

    readiness: (timeoutMs) => {
      const timing = { timeoutMs, intervalMs: 200 };
      const port = known.current()?.ports?.compose;
      // On the host's network its /ready is here; elsewhere the engine asks it, inside of the container.
      return port !== undefined
        ? checkFromSetting(
            { http: `http://${metricsAddress(port)}/ready`, status: 200 },
            { cwd: folder, env, timing },
          )
        : checkFromSetting({ container: 'cloudflared' }, { cwd: folder, env, project, timing });
    },

    lastLines: async () =>
      await withEngine(env, async (api) => {
        const [container] = await containersIn(api, project);
        return container === undefined ? [] : await containersOf(api).tail(container.id, 20);
      }).catch(() => []),

    async remove() {
      const isFile = (await readFile(file, 'utf8').catch(() => undefined)) !== undefined;
      if (!isFile && known.current()?.runAs !== 'compose') return [];
      const removed: string[] = [];
      await withEngine(env, async (api) => {
        const containers = containersOf(api);
        for (const { id } of await containersIn(api, project)) {
          await containers.stop(id, undefined);
          await containers.remove(id);
          removed.push(`the container of ${project}`);
        }
      });
      await removeTokens(folder, undefined);
      await rm(file, { force: true });
      return isFile ? [...removed, 'its compose file and token'] : removed;
    },
  };
}

async function withEngine<T>(env: NodeJS.ProcessEnv, body: (api: EngineApi) => Promise<T>): Promise<T> {
  const api = openEngine(await findEndpoint(env));
  try {
    return await body(api);
  } finally {
    api.close();
  }
}

async function containersIn(api: EngineApi, project: string): Promise<ListedContainer[]> {
  return await containersOf(api).list([`com.docker.compose.project=${project}`]);
}

function assertLocal(api: EngineApi): void {
  if (api.isLocal) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    'The Docker Engine is on another machine than the token would be.',
    {
      remedy: "Run this on the engine's own host, or take `run-as: none` and run cloudflared yourself.",
    },
  );
}

/** Who owns the token, and as whom cloudflared runs in its container so that it can read it. */
async function userFor(api: EngineApi, { user }: ComposeContext) {
  const { isRootless } = await engineInfo(api);
  // Root in a container of a rootless engine is the user whose engine it is.
  if (isRootless) return { owner: undefined, inside: '0:0' };
  const owner = user.uid === 0 ? imageUser : user;
  return { owner: user.uid === 0 ? imageUser : undefined, inside: `${owner.uid}:${owner.gid}` };
}

async function writeToken(
  path: string,
  token: string,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): Promise<void> {
  await onDisk(path, async () => {
    const draft = `${path}.new`;
    await rm(draft, { force: true });
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(token);
      await file.sync();
    } finally {
      await file.close();
    }
    if (owner !== undefined) await chown(draft, owner.uid, owner.gid);
    await rename(draft, path);
  });
}

async function removeTokens(folder: string, kept: string | undefined): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (name.startsWith('token.') && path !== kept) await rm(path, { force: true });
  }
}
