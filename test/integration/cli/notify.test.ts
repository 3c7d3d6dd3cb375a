import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import { launch } from '../../support/launch-command.ts';
import { closeServers, freePort } from '../../support/local-server.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { webhookReceiver } from '../../support/webhook-receiver.ts';

afterEach(closeServers);
afterAll(removeRepositories);

it('launch notify tries each channel, and tells of them without their addresses', async () => {
  const { url, received } = await webhookReceiver((response, before) => {
    response.statusCode = before === 1 ? 404 : 200;
    response.end();
  });
  const cwd = temporaryFolder();
  const file = join(cwd, 'channels.yml');
  const one = `{type: slack, name: Ops, on: failure, url: ${url}/secret-path-of-ops}`;
  writeFileSync(file, `- ${one}\n`);
  const good = await launch(['notify', '--channels-file', file, '--title', 'Hello', '--json'], { cwd });
  expect(good).toMatchObject({ exitCode: 0, stderr: '' });
  expect(good.json()).toEqual({ delivered: [{ channel: 'Ops', type: 'slack', ok: true, status: 200 }] });
  expect(received[0]?.text).toContain('✅ Hello succeeded');

  const bad = await launch(['notify', '--status', 'failure'], { cwd, env: { LAUNCH_NOTIFY: `[${one}]` } });
  expect(bad.exitCode).toBe(1);
  expect(bad.stdout).toMatch(/^Ops +slack +not delivered: it answered 404$/m);
  expect(received[1]?.text).toContain('❌ Test of the notifications failed');
  expect(bad.stdout + bad.stderr + good.stdout).not.toMatch(/secret-path|127\.0\.0\.1/);
});

it('launch notify refuses what it can’t do', async () => {
  const cwd = temporaryFolder();
  const results = await Promise.all([
    launch(['notify'], { cwd }),
    launch(['notify', '--channels-file', 'nowhere'], { cwd }),
    launch(['notify', '--status', 'great'], { cwd }),
    launch(['notify', '--channels-file', '-'], { cwd, stdin: `http://127.0.0.1:${await freePort()}/token` }),
  ]);
  expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 1, 2, 1]);
  expect(results[0]?.stderr).toContain('CONFIG_INVALID: No channels are given.');
  expect(results[3]?.stdout).toContain('is no list');
});
