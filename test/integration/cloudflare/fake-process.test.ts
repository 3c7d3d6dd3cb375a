import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { cloudflareClient } from '../../../src/adapters/cloudflare/api.ts';
import { ensureBucket } from '../../../src/adapters/cloudflare/r2.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { node24 } from '../../support/tools.ts';

afterAll(removeRepositories);

it('the stand-in for the API can be a process of its own, whose state is seen and whose faults are set from outside', async () => {
  const file = join(temporaryFolder(), 'port');
  const program = join(import.meta.dirname, '../../support/cloudflare-api/main.ts');
  const child = spawn(node24(), [program, '--port-file', file, '--token', 'a-token'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise((done) => child.once('close', done));
  try {
    while (!existsSync(file) || readFileSync(file, 'utf8') === '')
      await new Promise((done) => setTimeout(done, 20));
    const origin = `http://127.0.0.1:${readFileSync(file, 'utf8').trim()}`;
    const fault = {
      route: 'POST /accounts/*/r2/buckets',
      times: 1,
      fault: { status: 503, afterwards: true },
    };
    const set = await fetch(`${origin}/fake/fail`, { method: 'POST', body: JSON.stringify(fault) });
    expect(set.status).toBe(200);
    const client = cloudflareClient({
      token: 'a-token',
      accountId: '0123456789abcdef0123456789abcdef',
      apiUrl: `${origin}/client/v4`,
      firstWait: 5,
    });
    expect(await ensureBucket(client, 'octo')).toMatchObject({ made: true });
    const state = (await (await fetch(`${origin}/fake/state`)).json()) as { result: unknown };
    expect(state.result).toMatchObject({ buckets: ['octo'], refused: [] });
  } finally {
    child.stdin.end();
  }
  expect(await ended).toBe(0);
});
