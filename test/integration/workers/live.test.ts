import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../../../src/adapters/process/run.ts';
import { closeServers, freePort, httpServer } from '../../support/local-server.ts';
import { ROOT } from '../../support/source-tree.ts';
import { type RunningWorkers, startWorkers, testKey } from '../../support/workers/start-workers.ts';

let workers: RunningWorkers;
beforeAll(async () => {
  workers = await startWorkers();
});
afterAll(async () => {
  await workers.stop();
  closeServers();
});

const urls = () =>
  Object.fromEntries(
    ['config-service', 'rate-limiter', 'image-gen'].map((name) => [name, `${workers.url}/${name}`]),
  );

async function tryOut(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ readonly code: number | undefined; readonly said: string }> {
  const result = await run([process.execPath, 'scripts/test-live/main.ts', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
    timeout: 50_000,
  });
  const code = result.outcome === 'exited' ? result.exitCode : undefined;
  return { code, said: `${result.stdout}\n${result.stderr}` };
}

describe('npm run test:e2e', () => {
  it('tries out the workers at their addresses, twice at once', async () => {
    const env = { WORKER_URLS: JSON.stringify(urls()), TEST_API_KEY: testKey };
    const both = await Promise.all([tryOut(env), tryOut(env)]);
    for (const { code, said } of both) {
      expect([code, said]).toEqual([0, expect.stringContaining('13 passed, 0 failed')]);
      expect(said).not.toContain(testKey);
    }
  });

  it('fails with a key that the workers do not know', async () => {
    const { code, said } = await tryOut({
      WORKER_URLS: JSON.stringify(urls()),
      TEST_API_KEY: 'wrong-key-123',
    });
    expect(code).toBe(1);
    expect(said).toContain('FAILED  config-service shows what was written');
    expect(said).toContain('got 401');
    expect(said).not.toContain('wrong-key-123');
  });

  it('fails for a worker that is not there, not healthy, or sends the key elsewhere', async () => {
    const { port } = await httpServer((request, response) => {
      if (request.url?.startsWith('/moved') === true) {
        response.writeHead(302, { location: `${workers.url}/image-gen/health` }).end();
      } else response.writeHead(503).end(`no key: ${request.headers.authorization ?? 'none'}`);
    });
    const { code, said } = await tryOut(
      { TEST_API_KEY: testKey },
      '--patience',
      '0',
      '--urls',
      JSON.stringify({
        'image-gen': `http://127.0.0.1:${await freePort()}`,
        'rate-limiter': `http://127.0.0.1:${port}`,
        'config-service': `http://127.0.0.1:${port}/moved`,
      }),
    );
    expect(code).toBe(1);
    expect(said).toContain('image-gen is healthy: /health does not answer with 200, but: fetch failed');
    expect(said).toContain('503: no key: none');
    expect(said).toContain('config-service is healthy: /health does not answer with 200, but: 302');
    expect(said).toContain('0 passed, 3 failed');
  });

  it.each([
    [{}, 'TEST_API_KEY is not set'],
    [{ TEST_API_KEY: 'k' }, 'WORKER_URLS is not set'],
    [{ TEST_API_KEY: 'k', WORKER_URLS: '{}' }, 'names no worker'],
    [{ TEST_API_KEY: 'k', WORKER_URLS: '{"a":' }, 'is no JSON object'],
    [{ TEST_API_KEY: 'k', WORKER_URLS: '{"config-service":""}' }, 'no https:// URL of config-service'],
    [{ TEST_API_KEY: 'k', WORKER_URLS: '{"a":"http://example.org"}' }, 'no https:// URL of a'],
    [{ TEST_API_KEY: 'k', WORKER_URLS: 'no-such-file.json' }, "can't be read"],
  ])('says loudly what is missing: %j', async (env, message) => {
    const { code, said } = await tryOut(env);
    expect([code, said]).toEqual([2, expect.stringContaining(message)]);
  });
});
