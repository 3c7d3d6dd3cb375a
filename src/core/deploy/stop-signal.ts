const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  TERM: 15,
  WINCH: 28,
};

/**
 * Whether a signal that a container was sent is one to end it, and not, say, one to read its settings anew.
 *
 * `own`: the container's StopSignal, by name or number; empty where it has none, so that it is SIGTERM.
 */
export function isStopSignal(signal: number, own: string): boolean {
  if (signal === numbers['TERM'] || signal === numbers['KILL']) return true;
  if (own === '') return false;
  const known = /^\d+$/.test(own) ? Number(own) : numbers[own.toUpperCase().replace(/^SIG/, '')];
  // One that is not known here may be any.
  return known === undefined || signal === known;
}
