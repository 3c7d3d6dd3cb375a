import { join } from 'node:path';
import { type KnownTunnel, notedPorts, tunnelsFolder } from '../../adapters/cloudflared/tunnel-file.ts';
import { listeners } from '../../adapters/host/listeners.ts';
import { flock, openForLock } from '../../adapters/state/flock.ts';
import { hostKey, isShared } from '../../adapters/state/state-root.ts';
import type { CloudflaredRelease } from '../../core/cloudflare/tunnel/cloudflared.ts';
import { LaunchError } from '../../core/errors.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import { sealOf } from '../../core/secrets/seal.ts';
import type { Reporter } from '../reporter.ts';

export type RunAs = 'compose' | 'systemd';

/** cloudflared on this host, run as what it may be. */
export interface Connector {
  readonly kind: RunAs;
  /** Undefined where there is none of this kind. */
  find(): Promise<FoundConnector | undefined>;
  /** Has it run with this token; says in a clause each what had to be done. Nothing when all was right. */
  apply(token: string): Promise<readonly string[]>;
  /** Asks `/ready`: 200 as long as it is connected to Cloudflare. */
  readiness(timeoutMs: number): HealthCheck;
  /** The last lines of its log, oldest first. */
  lastLines(): Promise<readonly string[]>;
  /** Takes away all that `apply` made; says in a clause each what that was. */
  remove(): Promise<readonly string[]>;
}

export interface FoundConnector {
  /** The unit, or the compose project. */
  readonly name: string;
  readonly isRunning: boolean;
}

export interface ConnectorContext {
  readonly tunnel: string;
  readonly stateRoot: string;
  /** Of the tunnel, in the state root; absolute. */
  readonly folder: string;
  /** What commands get of the environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly release: CloudflaredRelease;
  /** Of a hundred, for metrics. */
  readonly firstPort: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly reporter: Reporter;
  readonly known: KnownTunnelStore;
}

/** What this host knows of the tunnel; on the disk when `update` returns. */
export interface KnownTunnelStore {
  readonly current: () => KnownTunnel | undefined;
  update(part: Partial<KnownTunnel>): Promise<void>;
}

/** Part of a file's name by which another token makes another file; without the host's key it tells nothing. */
export async function sealOfToken(stateRoot: string, token: string): Promise<string> {
  return sealOf(new Map([['token', token]]), await hostKey(stateRoot)).slice(0, 16);
}

/**
 * The port of before, else the first that is free and no other tunnel's; noted before anything listens there, and by
 * one run at a time, because two that begin together would find the same one free.
 */
export async function metricsPort(context: ConnectorContext, kind: RunAs): Promise<number> {
  const { known, stateRoot, env, firstPort } = context;
  const ports = known.current()?.ports ?? {};
  const before = ports[kind];
  if (before !== undefined) return before;
  const file = await openForLock(
    join(stateRoot, tunnelsFolder, 'ports.lock'),
    (await isShared(stateRoot)) ? 0o660 : 0o600,
  );
  try {
    await flock(file, { wait: true, env });
    const taken = new Set([...(await listeners()).map(({ port }) => port), ...(await notedPorts(stateRoot))]);
    const port = Array.from({ length: 100 }, (_, at) => firstPort + at).find((it) => !taken.has(it));
    if (port === undefined) {
      throw new LaunchError('PORT_IN_USE', `All ports from ${firstPort} on for a tunnel are in use.`, {
        remedy: 'Stop what listens on one of those hundred, then run it again.',
      });
    }
    await known.update({ ports: { ...ports, [kind]: port } });
    return port;
  } finally {
    await file.close();
  }
}
