import type { Attempt } from '../../core/health/attempt.ts';
import type { HealthCheck } from '../../core/health/check.ts';

/**
 * Tries a check once, for at most `limitMs`; it never throws for what it meets. Every kind is loaded only when
 * it is used: a TCP check needs no HTTP. When `signal` is aborted the attempt ends at once, as a failure.
 */
export async function probe(check: HealthCheck, limitMs: number, signal: AbortSignal): Promise<Attempt> {
  switch (check.kind) {
    case 'http':
      return await (await import('./http.ts')).probeHttp(check, limitMs, signal);
    case 'tcp':
      return await (await import('./tcp.ts')).probeTcp(check, limitMs, signal);
    case 'command':
      return await (await import('./command.ts')).probeCommand(check, limitMs, signal);
    case 'container':
      return await (await import('./container.ts')).probeContainer(check, limitMs, signal);
  }
}
