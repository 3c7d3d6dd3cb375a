/**
 * Aborted when the runner wants the step to end: SIGINT, 7.5 s later SIGTERM, 2.5 s later the end. A second
 * signal changes nothing, because undoing is under way already.
 */
export function cancellation(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}
