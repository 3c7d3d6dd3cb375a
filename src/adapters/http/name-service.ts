import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

export interface NameQuestion {
  readonly signal: AbortSignal;
  /** For tests; default those of the system. */
  readonly servers?: readonly string[];
}

/**
 * Whether somebody answers questions for names at all, whatever the answer is; waits 2.5 s at most. To be asked before a
 * connection that has to be over in time: the system's own look-up can't be ended, and as long as it waits (10 s and more) the
 * process can't end either.
 */
export async function nameServiceAnswers(host: string, { signal, servers }: NameQuestion): Promise<boolean> {
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0 || host === 'localhost') return true;
  const resolver = new Resolver({ timeout: 800, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  const giveUp = () => resolver.cancel();
  const limit = setTimeout(giveUp, 2500);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await resolver.resolve4(host);
    return true;
  } catch (error) {
    const code: unknown =
      typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
    return code !== 'ETIMEOUT' && code !== 'ECANCELLED';
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', giveUp);
  }
}
