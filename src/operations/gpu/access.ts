import { type LinodeClient, type LinodeClientOptions, linodeClient } from '../../adapters/linode/api.ts';
import { parseDuration } from '../../core/config/duration.ts';

/** Whose account it is and how it is reached. */
export interface GpuAccess {
  readonly token: string;
  /** LINODE_API_URL; LAUNCH_ADDRESS_URL, which tells this machine's address; LAUNCH_GPU_POLL, how often is asked. */
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  /** For tests. */
  readonly linode?: Partial<LinodeClientOptions>;
  /** For tests: the waits before each look for an instance whose creation got no answer, in milliseconds. */
  readonly looksMs?: readonly number[];
}

/** It is listed as a rule at once; a create that was still under way when the connection broke takes a moment. */
export const usualLooksMs: readonly number[] = [0, 500, 1500, 3000];

export function openLinode(
  { token, hostEnv, signal, linode }: GpuAccess,
  changes: Partial<LinodeClientOptions> = {},
): LinodeClient {
  return linodeClient({
    token,
    apiUrl: hostEnv['LINODE_API_URL'] || undefined,
    signal,
    ...linode,
    ...changes,
  });
}

/** Between two looks at something that takes its time, in milliseconds. */
export function pollMs({ hostEnv }: GpuAccess): number {
  return parseDuration(hostEnv['LAUNCH_GPU_POLL'] ?? '') ?? 5000;
}
