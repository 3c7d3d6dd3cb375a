import { connect } from 'node:net';

/**
 * The engine's own proxy takes a connection for a container that listens nowhere yet, and closes it as soon as it
 * has found that out: on one host that is well within this time.
 */
const graceMs = 20;

/** Whether something behind an address takes a connection and keeps it; it is closed again at once. */
export async function accepts(
  { host, port }: { readonly host: string; readonly port: number },
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const socket = connect({ host, port });
    let grace: NodeJS.Timeout | undefined;
    const finish = (ok: boolean) => {
      clearTimeout(limit);
      clearTimeout(grace);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(ok);
    };
    const onAbort = () => finish(false);
    const limit = setTimeout(() => finish(false), limitMs);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('connect', () => {
      grace = setTimeout(() => finish(true), graceMs);
    });
    // Whoever speaks first is there.
    socket.on('data', () => finish(true));
    socket.on('close', () => finish(false));
    socket.on('error', () => finish(false));
    if (signal.aborted) onAbort();
  });
}
