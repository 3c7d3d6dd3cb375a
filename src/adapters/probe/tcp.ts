import { connect } from 'node:net';
import type { Attempt, Failure } from '../../core/health/attempt.ts';
import type { TcpCheck } from '../../core/health/check.ts';
import { networkFailure } from './network-failure.ts';

/** Opens a connection and closes it again; that something listens is all it asks. */
export async function probeTcp(check: TcpCheck, limitMs: number, signal: AbortSignal): Promise<Attempt> {
  const started = performance.now();
  return await new Promise<Attempt>((done) => {
    const socket = connect({ host: check.host, port: check.port });
    let ended = false;
    const finish = (failure: Failure | undefined) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      const latencyMs = Math.round(performance.now() - started);
      done(failure === undefined ? { ok: true, latencyMs } : { ok: false, latencyMs, failure });
    };
    const onAbort = () => finish({ kind: 'other', detail: 'cancelled' });
    const timer = setTimeout(
      () => finish({ kind: 'timeout', afterMs: Math.round(limitMs), what: 'connection' }),
      limitMs,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('connect', () => finish(undefined));
    // Stays after the end: a socket that is destroyed may still report an error.
    socket.on('error', (error) => finish(networkFailure(error, check.host)));
    if (signal.aborted) onAbort();
  });
}
