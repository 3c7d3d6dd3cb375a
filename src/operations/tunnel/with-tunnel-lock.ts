import { join } from 'node:path';
import {
  type KnownTunnel,
  readKnownTunnel,
  tunnelFolder,
  writeKnownTunnel,
} from '../../adapters/cloudflared/tunnel-file.ts';
import { findStateRoot } from '../../adapters/state/find-state-root.ts';
import { takeLock } from '../../adapters/state/lock.ts';
import { makeStateFolder } from '../../adapters/state/state-root.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { Reporter } from '../reporter.ts';
import type { KnownTunnelStore } from './connector.ts';
import type { TunnelRequest } from './request.ts';

/** What this host has of a tunnel. */
export interface TunnelPlace {
  readonly stateRoot: string;
  /** Absolute. */
  readonly folder: string;
  readonly known: KnownTunnelStore;
}

/** One run per tunnel and host at a time: each reads the tunnel's configuration, and writes it as a whole. */
export async function withTunnelLock<T>(
  request: TunnelRequest,
  reporter: Reporter,
  body: (place: TunnelPlace) => Promise<T>,
): Promise<T> {
  const place = await tunnelPlace(request);
  const { shared } = await makeStateFolder(place.stateRoot, tunnelFolder(request.name));
  const lock = await takeLock({
    path: join(place.folder, 'lock'),
    owner: { who: request.by, since: new Date().toISOString(), pid: process.pid },
    timeout: request.timeoutMs,
    mode: shared ? 0o660 : 0o600,
    env: hostPart(request.hostEnv),
    signal: request.signal,
    onWait: (holder) => {
      const who = holder === undefined ? 'another process' : printable(holder.who);
      reporter.info(`Waiting for ${who}, who works on the tunnel ${request.name}.`);
    },
  }).catch((error: unknown) => {
    throw heldByAnother(error, request.name);
  });
  try {
    // Read again under the lock: the one before may have changed it.
    return await body(await tunnelPlace(request));
  } finally {
    await lock.release();
  }
}

function heldByAnother(error: unknown, name: string): unknown {
  if (!(error instanceof LaunchError) || error.code !== 'LOCK_HELD') return error;
  return new LaunchError('LOCK_HELD', `Another run on this host works on the tunnel ${name}.`, {
    remedy:
      'Nothing has been changed. Wait for its end, or raise `timeout`, which is how long this one waits.',
    cause: error,
  });
}

export async function tunnelPlace(request: TunnelRequest): Promise<TunnelPlace> {
  const stateRoot = findStateRoot(request.stateDir, request.hostEnv);
  const folder = join(stateRoot, tunnelFolder(request.name));
  let current: KnownTunnel | undefined = await readKnownTunnel(folder);
  return {
    stateRoot,
    folder,
    known: {
      current: () => current,
      async update(part) {
        const next: KnownTunnel = { id: '', account: request.accountId, hostnames: [], ...current, ...part };
        if (JSON.stringify(next) === JSON.stringify(current)) return;
        await writeKnownTunnel(folder, next);
        current = next;
      },
    },
  };
}
