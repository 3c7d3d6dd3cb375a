import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Reservation } from '../../../services/rate-limiter/src/contract.ts';
import { type RunningWorkers, startWorkers } from '../../support/workers/start-workers.ts';

const organisations = 50;
const perOrganisation = 200;
const limits = { requestsPerMinute: 100, tokensPerMinute: 12_345 };
const perBatch = 100;
const batchesAtOnce = 8;

let workers: RunningWorkers;
beforeAll(async () => {
  // Longer than the test takes, however slow the machine: what is let through never becomes free again.
  workers = await startWorkers({ vars: { 'rate-limiter': { WINDOW_MS: 600_000 } } });
});
afterAll(() => workers.stop());

interface Asked {
  readonly organisation: number;
  readonly tokens: number;
  readonly ms: number;
  readonly reservation: Reservation;
}

/** A hundred requests, sent by a worker that is bound to the limiter, as those that use it are. */
async function askBatch(batch: number): Promise<Asked[]> {
  const requests = Array.from({ length: perBatch }, (_, index) => {
    const number = batch * perBatch + index;
    // In turn, so that every bucket has some of its requests under way at any moment.
    return { organisation: number % organisations, id: `r${number}`, tokens: (number * 7919) % 250 };
  });
  const calls = requests.map(({ organisation, ...rest }) => [
    { ...rest, organisation: `org-${organisation}`, limits },
  ]);
  const answer = await workers.fetch('timed/LIMITER/reserve', {
    method: 'POST',
    body: JSON.stringify(calls),
  });
  const told = (await answer.json()) as { value: Reservation; ms: number }[];
  return requests.map(({ organisation, tokens }, index) => {
    const { value: reservation, ms } = told[index] ?? {};
    if (reservation === undefined || ms === undefined) throw new Error('a request was not answered');
    return { organisation, tokens, ms, reservation };
  });
}

it('lets not one of 10,000 requests over the limit through', async () => {
  const total = organisations * perOrganisation;
  const answers: Asked[] = [];
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: batchesAtOnce }, async () => {
      while (next < total / perBatch) {
        const batch = next;
        next += 1;
        answers.push(...(await askBatch(batch)));
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  expect(answers).toHaveLength(total);

  for (let organisation = 0; organisation < organisations; organisation += 1) {
    const own = answers.filter((answer) => answer.organisation === organisation);
    const passed = own.filter(({ reservation }) => reservation.allowed);
    const tokens = passed.reduce((sum, answer) => sum + answer.tokens, 0);
    expect(passed.length).toBeLessThanOrEqual(limits.requestsPerMinute);
    expect(tokens).toBeLessThanOrEqual(limits.tokensPerMinute);
    // And none was refused that had room: what is left is less than the smallest that was refused for its tokens.
    const refusedTokens = own.flatMap(({ tokens: wanted, reservation }) =>
      !reservation.allowed && reservation.limit === 'tokens' ? [wanted] : [],
    );
    if (passed.length < limits.requestsPerMinute) {
      expect(Math.min(...refusedTokens)).toBeGreaterThan(limits.tokensPerMinute - tokens);
    }
    const usage = await workers.call('LIMITER', 'usage', `org-${organisation}`);
    expect(usage).toMatchObject({ requests: passed.length, tokens });
  }

  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1];
  const passed = answers.filter(({ reservation }) => reservation.allowed).length;
  process.stderr.write(
    `rate-limiter on workerd: ${total} requests over ${organisations} organisations in ${seconds.toFixed(1)} s, ${passed} let through, none over the limit; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms (${batchesAtOnce * 4} at once)\n`,
  );
}, 180_000);
