import { expect, it } from '@jest/globals';
import type { EngineApi } from '../../../src/adapters/engine/api.ts';
import type { Containers } from '../../../src/adapters/engine/containers.ts';
import { type Following, followLogs } from '../../../src/operations/logs/follow-logs.ts';
import { lineTaker } from '../../../src/operations/logs/line-taker.ts';

// What an engine shows of a container that is started again by its policy, and ends for good before the next look.
it('reads a container to its last line that ran and ended between two looks', async () => {
  const printed = ['2026-01-31T08:00:00.000000001Z begins\n'];
  const asked: string[] = [];
  const api = {
    stream: async (_path: string, query: { readonly since?: string }) => {
      asked.push(query.since ?? 'all');
      const all = [...printed];
      return {
        status: 200,
        body: (async function* () {
          yield Buffer.from(all.join(''));
        })(),
      };
    },
  } as unknown as EngineApi;
  const containers = {
    inspect: async (id: string) => ({ Id: id, Name: '/app', Config: { Tty: true } }),
  } as unknown as Containers;
  const listed = (state: string) => ({ id: 'a1', name: 'app', state, labels: {} });
  const end = new AbortController();
  let looks = 0;
  const look = async () => {
    looks += 1;
    if (looks === 2) printed.push('2026-01-31T08:00:01.000000001Z last words\n');
    if (looks === 4) end.abort();
    return { release: 'r1', found: [listed(looks === 1 ? 'running' : 'exited')] };
  };
  const lines: string[] = [];
  const sink = { line: async ({ text }: { readonly text: string }) => void lines.push(text), note: () => {} };
  const following = {
    api,
    containers,
    source: { look, all: async () => [] },
    first: { release: 'r1', found: [listed('running')] },
    request: { service: 'app', since: undefined, tail: undefined },
    sink,
    take: lineTaker(sink),
  } as unknown as Following;
  await followLogs(following, end.signal);
  expect(lines).toEqual(['begins', 'last words']);
  // Once it has been read to its end, it is let be.
  expect(asked.length).toBe(2);
});
