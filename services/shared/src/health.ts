import { answer } from './answer.ts';

/** Something that a worker can't work without. Rejects when it is not there. */
export type HealthProbe = () => Promise<unknown>;

const patience = 5000;

/**
 * 200 when everything that the worker is bound to answers, else 503; with the state of each, and no word of why: that
 * is in the log, since anybody may ask.
 */
export async function health(probes: Readonly<Record<string, HealthProbe>>): Promise<Response> {
  const states = await Promise.all(
    Object.entries(probes).map(async ([name, probe]): Promise<[string, 'ok' | 'failed']> => {
      try {
        await inTime(probe());
        return [name, 'ok'];
      } catch (error) {
        console.error({ message: 'health check failed', check: name, error: String(error) });
        return [name, 'failed'];
      }
    }),
  );
  const isHealthy = states.every(([, state]) => state === 'ok');
  const body = { status: isHealthy ? 'ok' : 'failed', checks: Object.fromEntries(states) };
  return answer(body, isHealthy ? 200 : 503);
}

async function inTime(work: Promise<unknown>): Promise<unknown> {
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLate.reject(new Error(`no answer within ${patience} ms`)), patience);
  try {
    return await Promise.race([work, tooLate.promise]);
  } finally {
    clearTimeout(timer);
  }
}
