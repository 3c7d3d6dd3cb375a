import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { redactor } from '../../../src/core/secrets/redact.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import { hasLiveTests, type LiveTests, runLiveTests } from '../../../src/operations/worker/live-tests.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';

afterAll(removeRepositories);

const urls = { api: 'https://api.example.org', "it's": 'https://x.example.org/?a=$(id)&b' };
const cwd = temporaryFolder('launch-live-tests-');

const tests = (command: string, part: Partial<LiveTests> = {}): LiveTests => ({
  cwd,
  command,
  apiKey: 'key-0123456789',
  hostEnv: { PATH: process.env['PATH'], INPUT_SECRETS: 'everything', GITHUB_TOKEN: 'token' },
  timeoutMs: 20_000,
  signal: new AbortController().signal,
  redact: redactor(['key-0123456789']),
  ...part,
});
const runTests = async (command: string, part: Partial<LiveTests> = {}) => {
  const printed: string[] = [];
  const reporter = { ...silentReporter, output: (line: string) => void printed.push(line) };
  return { printed, outcome: await runLiveTests(tests(command, part), urls, reporter) };
};

describe('runLiveTests', () => {
  it('hands over the URLs and the key, and nothing else that this process knows', async () => {
    const { printed, outcome } = await runTests('env');
    expect(outcome).toEqual({ outcome: 'passed' });
    expect(printed).toContain(`WORKER_URLS=${JSON.stringify(urls)}`);
    expect(printed).toContain('TEST_API_KEY=key-0123456789');
    expect(printed).toContain('CI=true');
    expect(printed.join('\n')).not.toMatch(/INPUT_|GITHUB_TOKEN/);
  });

  it('has no key where none was given', async () => {
    const { outcome } = await runTests('test -z "$' + '{TEST_API_KEY+set}"', { apiKey: undefined });
    expect(outcome).toEqual({ outcome: 'passed' });
  });

  it('fails with the first command that does, and keeps the last lines, without the key', async () => {
    const { outcome } = await runTests('seq 100; echo "key $TEST_API_KEY"; false | cat; echo never');
    expect(outcome).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('exit status 1') });
    if (outcome.outcome !== 'failed') throw new Error('it passed');
    expect(outcome.lines).toHaveLength(30);
    expect(outcome.lines.at(-1)).toBe('key ***');
  });

  it('fails in time where tests hang, and ends what they started', async () => {
    const { outcome } = await runTests('sleep 60 & wait', { timeoutMs: 300 });
    expect(outcome).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('timed out') });
  });

  it('says of a run that was cancelled that nothing was found out', async () => {
    const ending = new AbortController();
    setTimeout(() => ending.abort(), 200);
    await expect(runTests('sleep 60 & wait', { signal: ending.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
      message: expect.stringContaining('They serve untested: api'),
    });
  });
});

describe('hasLiveTests', () => {
  const command = 'npm run test:e2e --if-present';
  const withPackage = (text: string) => {
    const folder = temporaryFolder('launch-live-tests-');
    writeFileSync(join(folder, 'package.json'), text);
    return hasLiveTests({ cwd: folder, command });
  };

  it.each([
    ['{"scripts": {"test:e2e": "jest"}}', true],
    ['{"scripts": {"test": "jest"}}', false],
    ['{}', false],
    // npm will say what is wrong with these.
    ['{"scripts"', true],
    ['{"scripts": 7}', true],
  ])('knows of %s that it is %s', (text, expected) => {
    expect(withPackage(text)).toBe(expected);
  });

  it('finds none without a package.json, and takes any other command as it is', () => {
    expect(hasLiveTests({ cwd, command })).toBe(false);
    expect(hasLiveTests({ cwd, command: 'make e2e' })).toBe(true);
  });
});
