import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { LaunchError } from '../../../src/core/errors.ts';
import { checkHealth } from '../../../src/operations/check-health.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import { check, outcomeOf, type Setting } from '../../support/health.ts';
import { closeServers, freePort, httpServer, tcpServer } from '../../support/local-server.ts';

afterEach(closeServers);

const folder = mkdtempSync(join(tmpdir(), 'launch-health-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const commandOutcome = async (setting: Setting) => await outcomeOf(setting, folder);

function script(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/usr/bin/env bash\n${body}\n`);
  chmodSync(path, 0o755);
  return `./${name}`;
}

describe('a tcp check', () => {
  it('is healthy once something listens', async () => {
    const server = await tcpServer(() => {});
    expect(await outcomeOf({ tcp: `127.0.0.1:${server.port}` })).toMatchObject({
      healthy: true,
      attempts: 1,
    });
  });

  it('tells that nothing does', async () => {
    const outcome = await outcomeOf({ tcp: `127.0.0.1:${await freePort()}`, timeout: '200ms' });
    expect(outcome.why).toMatch(/connection was refused/);
  });

  it('tells that the name has no address', async () => {
    const outcome = await outcomeOf({ tcp: 'launch-test.invalid:1', timeout: '500ms' });
    expect(outcome.why).toMatch(/has no address/);
  });
});

describe('a command check', () => {
  it('waits for a command that fails at first, run in its folder with its arguments', async () => {
    const name = script('fails-twice.sh', 'echo x >> "tries $1"; [ "$(wc -l < "tries $1")" -ge 3 ]');
    expect(await commandOutcome({ command: `${name} "a b"` })).toMatchObject({ healthy: true, attempts: 3 });
  });

  it('tells the exit status and the last words, without secrets', async () => {
    const name = script('fails.sh', 'echo starting; echo "db said no to $HEALTH_SECRET" >&2; exit 3');
    const outcome = await commandOutcome({ command: name, timeout: '200ms' });
    expect(outcome.why).toBe('exit status 3: "db said no to ***"');
  });

  it('ends a command that hangs, with everything it started', async () => {
    const name = script('hangs.sh', 'sleep 300 & echo $! > sleeper; wait');
    const outcome = await commandOutcome({ command: name, timeout: '2s' });
    expect(outcome.why).toMatch(/timed out: no end within/);
    expect(outcome.elapsedMs).toBeLessThan(5000);
    const pid = Number(readFileSync(join(folder, 'sleeper'), 'utf8'));
    expect(pid).toBeGreaterThan(1);
    expect(isRunning(pid)).toBe(false);
  });

  it('is not disturbed by a command that prints a lot', async () => {
    const name = script('talks.sh', 'head -c 3000000 /dev/zero | tr "\\0" x');
    expect(await commandOutcome({ command: name })).toMatchObject({ healthy: true, attempts: 1 });
  });

  it('does not try again when there is no such program', async () => {
    const missing = await commandOutcome({ command: './not-there.sh' });
    expect(missing).toMatchObject({
      healthy: false,
      attempts: 1,
      why: expect.stringMatching(/there is no such program/),
    });
    writeFileSync(join(folder, 'plain.sh'), '#!/bin/sh\n', { mode: 0o644 });
    const plain = await commandOutcome({ command: './plain.sh' });
    expect(plain).toMatchObject({
      healthy: false,
      attempts: 1,
      why: expect.stringMatching(/not executable/),
    });
  });

  it('passes no environment but what it is given', async () => {
    const name = script('env.sh', 'env | grep -E "HEALTH|LEAK|HOME" >&2; exit 1');
    process.env['LAUNCH_TEST_LEAK'] = 'leaked';
    const outcome = await commandOutcome({ command: name, timeout: '200ms' });
    delete process.env['LAUNCH_TEST_LEAK'];
    expect(outcome.why).toMatch(/HEALTH_SECRET=\*\*\*/);
    expect(outcome.why).not.toMatch(/LEAK|HOME/);
  });
});

describe('several checks', () => {
  it('run side by side, and the first that fails for good ends the others', async () => {
    const { port } = await httpServer((_request, response) => response.writeHead(503).end());
    const report = await checkHealth(
      [check({ http: `http://127.0.0.1:${port}/`, timeout: '60s' }), check({ command: './not-there.sh' })],
      silentReporter,
    );
    expect(report.checks.map((outcome) => outcome.outcome)).toEqual(['abandoned', 'unhealthy']);
    expect(report).toMatchObject({ healthy: false });
  });

  it('stop when they are cancelled, in the middle of an attempt or of a pause', async () => {
    const server = await httpServer(() => {});
    const hanging = check({ http: `http://127.0.0.1:${server.port}/`, timeout: '60s' });
    const pausing = check({ tcp: `127.0.0.1:${await freePort()}`, timeout: '60s', interval: '60s' });
    const controller = new AbortController();
    const started = performance.now();
    setTimeout(() => controller.abort(), 150);
    const error = await checkHealth([hanging, pausing], silentReporter, controller.signal).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(LaunchError);
    expect(error).toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('ask nobody when they were cancelled before', async () => {
    let requests = 0;
    const { port } = await httpServer((_request, response) => {
      requests++;
      response.end();
    });
    const checks = [check({ http: `http://127.0.0.1:${port}/` })];
    await expect(checkHealth(checks, silentReporter, AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(requests).toBe(0);
  });
});

/** A killed process stays as a zombie until its parent looks; that one does not run. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !readState(pid).startsWith('Z');
}

function readState(pid: number): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? 'Z';
  } catch {
    return 'Z';
  }
}
