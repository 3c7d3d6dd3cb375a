import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from '@jest/globals';
import { isLocked } from '../../../src/adapters/state/flock.ts';
import { type Lock, takeLock } from '../../../src/adapters/state/lock.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

afterAll(removeRepositories);

const suite = requireTools('flock');

function take(folder: string, who: string, timeout = 30_000, signal?: AbortSignal): Promise<Lock> {
  return takeLock({
    path: join(folder, 'lock'),
    owner: { who, since: '2026-01-01T00:00:00Z', pid: process.pid },
    timeout,
    mode: 0o600,
    env: process.env,
    onWait: () => {},
    signal,
  });
}

const tickets = (folder: string) =>
  readdirSync(join(folder, 'queue')).filter((name) => /^\d+$/.test(name)).length;

async function untilTickets(folder: string, count: number): Promise<void> {
  for (let left = 200; tickets(folder) < count; left -= 1) {
    if (left === 0) throw new Error(`there are ${tickets(folder)} tickets, not ${count}`);
    await sleep(20);
  }
}

suite('the lock of a service', () => {
  it('is had by one at a time, in the order of arrival', async () => {
    const folder = temporaryFolder('launch-lock-');
    const first = await take(folder, 'first');
    const order: number[] = [];
    let holders = 0;
    const waiting: Promise<void>[] = [];
    for (let number = 0; number < 20; number += 1) {
      waiting.push(
        take(folder, `run ${number}`).then(async (lock) => {
          holders += 1;
          expect(holders).toBe(1);
          order.push(number);
          await sleep(5);
          holders -= 1;
          await lock.release();
        }),
      );
      await untilTickets(folder, number + 1);
    }
    await first.release();
    await Promise.all(waiting);
    expect(order).toEqual(Array.from({ length: 20 }, (_, number) => number));
    expect(tickets(folder)).toBe(0);
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe('');
  });

  it('leaves nothing behind that keeps a process alive which could not take it', async () => {
    const folder = temporaryFolder('launch-lock-');
    await (await take(folder, 'first')).release();
    // Below a file there is no place for a lock; the other is cancelled before its turn comes.
    const source = `
      import { takeLock } from '${join(import.meta.dirname, '../../../src/adapters/state/lock.ts')}';
      const request = { owner: { who: 'x', since: '' }, timeout: 300000, mode: 0o600, env: process.env, onWait: () => {} };
      const outcomes = await Promise.allSettled([
        takeLock({ ...request, path: '${join(folder, 'lock/below/lock')}' }),
        takeLock({ ...request, path: '${join(folder, 'lock')}', signal: AbortSignal.abort() }),
      ]);
      console.log(outcomes.map(({ status }) => status).join());`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.on('data', (text) => {
      said += String(text);
    });
    const ended = once(child, 'close').then(([code]) => code);
    expect(await Promise.race([ended, sleep(20_000, 'still there')])).toBe(0);
    expect(said.trim()).toBe('rejected,rejected');
    child.kill();
  });

  it('passes over those who gave up or were killed while they waited', async () => {
    const folder = temporaryFolder('launch-lock-');
    const first = await take(folder, 'first');
    const source = `
      import { takeLock } from '${join(import.meta.dirname, '../../../src/adapters/state/lock.ts')}';
      await takeLock({ path: '${join(folder, 'lock')}', owner: { who: 'x', since: '' }, timeout: 60000, mode: 0o600, env: process.env, onWait: () => {} });`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: 'ignore',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    await untilTickets(folder, 1);
    const cancel = new AbortController();
    const second = take(folder, 'second', 30_000, cancel.signal);
    await untilTickets(folder, 2);
    const third = take(folder, 'third');
    await untilTickets(folder, 3);
    child.kill('SIGKILL');
    await once(child, 'exit');
    cancel.abort();
    await expect(second).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(take(folder, 'impatient', 300)).rejects.toMatchObject({
      code: 'LOCK_HELD',
      message: expect.stringContaining('by first since 2026-01-01T00:00:00Z'),
    });
    await first.release();
    const lock = await third;
    expect(await isLocked(join(folder, 'lock'), process.env)).toBe(true);
    await lock.release();
    expect(await isLocked(join(folder, 'lock'), process.env)).toBe(false);
  });

  it('stays held by a child that was given its descriptor, until that one ends, too', async () => {
    const folder = temporaryFolder('launch-lock-');
    const lock = await take(folder, 'parent');
    const child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore', lock.fd] });
    await once(child, 'spawn');
    await lock.release();
    expect(await isLocked(join(folder, 'lock'), process.env)).toBe(true);
    child.stdin?.end();
    await once(child, 'exit');
    expect(await isLocked(join(folder, 'lock'), process.env)).toBe(false);
  });
});
