import { expect, it } from '@jest/globals';
import { mergeByTime } from '../../../../src/core/logs/merge-by-time.ts';

async function* sequence(name: string, ...times: string[]) {
  for (const time of times) yield { time, name };
}

async function merged(...sequences: ReturnType<typeof sequence>[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { time, name } of mergeByTime(sequences)) found.push(`${time}${name}`);
  return found;
}

it('puts several sequences into the order of time', async () => {
  expect(await merged(sequence('a', '1', '4', '5'), sequence('b'), sequence('c', '2', '3', '6'))).toEqual([
    '1a',
    '2c',
    '3c',
    '4a',
    '5a',
    '6c',
  ]);
});

it('leaves each sequence in its own order, also where its times go back', async () => {
  expect(await merged(sequence('a', '5', '1', '6'), sequence('b', '2', '7'))).toEqual([
    '2b',
    '5a',
    '1a',
    '6a',
    '7b',
  ]);
});

it('is empty without any', async () => {
  expect(await merged()).toEqual([]);
});

it('holds no more than the head of each', async () => {
  let read = 0;
  async function* endless() {
    for (;;) {
      read += 1;
      yield { time: String(read).padStart(5, '0') };
    }
  }
  const all = mergeByTime([endless(), endless()]);
  for (let count = 0; count < 10; count += 1) await all.next();
  await all.return(undefined);
  expect(read).toBeLessThanOrEqual(12);
});
