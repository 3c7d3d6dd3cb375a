import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../../support/cloudflare-api/faults.ts';
import { instanceRepository, instanceText, oneWorker, stateOf } from '../../support/instance-project.ts';
import { instanceSuite } from '../../support/instance-suite.ts';

const suite = instanceSuite();
const files = { ...oneWorker, 'instances/acme.json': instanceText() };

/** Not for the runs of wrangler, whose own requests come from another process at the same API. */
const isChange = (method: string, path: string) => method !== 'GET' && !path.endsWith('/query');

describe('a run that failed in the middle is finished by the next', () => {
  const lost: readonly (readonly [string, Fault])[] = [
    ['its answer is lost', { cut: true, afterwards: true }],
    [
      'it is refused for good',
      { status: 400, body: { success: false, errors: [{ code: 1, message: 'no' }] } },
    ],
  ];
  it.each(lost)('whichever change it is of which %s', async (_, fault) => {
    const repository = instanceRepository(files);
    expect((await suite.deploy(repository)).status).toBe('deployed');
    const wanted = stateOf(suite.fake);
    const changes = suite.changes().filter((change) => !change.endsWith('/query')).length;
    expect(changes).toBeGreaterThan(4);

    for (let at = 0; at < changes; at += 1) {
      const fake = await suite.another();
      let seen = -1;
      fake.strike((method, path) => {
        if (!isChange(method, path)) return undefined;
        seen += 1;
        return seen === at ? fault : undefined;
      });
      const first = await suite.deploy(repository);
      fake.strike(undefined);
      if (first.status !== 'deployed') expect(first.failure?.message).not.toBe('');
      const second = await suite.deploy(repository);
      expect([at, second.status, second.failure?.message]).toEqual([
        at,
        expect.stringMatching(/^(deployed|unchanged)$/),
        undefined,
      ]);
      expect(stateOf(fake)).toEqual(wanted);
      expect((await suite.deploy(repository)).status).toBe('unchanged');
    }
  });

  it('also when it was cancelled there, and knows what it has made', async () => {
    const repository = instanceRepository(files);
    await suite.deploy(repository);
    const wanted = stateOf(suite.fake);
    const requests = suite.fake.requests.length;

    for (let at = 2; at < requests; at += 3) {
      const fake = await suite.another();
      const stop = new AbortController();
      let seen = 0;
      fake.strike(() => {
        seen += 1;
        if (seen === at) stop.abort();
        return undefined;
      });
      const first = await suite
        .deploy(repository, 'acme', { signal: stop.signal })
        .catch((error: unknown) => error);
      expect(first).toEqual(
        expect.objectContaining(
          first instanceof Error
            ? { code: 'CANCELLED' }
            : { status: expect.stringMatching(/failed|deployed/) },
        ),
      );
      fake.strike(undefined);
      const second = await suite.deploy(repository);
      expect([at, second.failure?.message]).toEqual([at, undefined]);
      expect(stateOf(fake)).toEqual(wanted);
    }
  });
});

describe('two runs at once', () => {
  it('make everything once', async () => {
    const repository = instanceRepository(files);
    const both = await Promise.all([suite.deploy(repository), suite.deploy(repository)]);
    // The engine keeps its hands off a worker that somebody else is at; what is left the next run does.
    for (const { failure } of both) expect([undefined, 'DEPLOY_FAILED']).toContain(failure?.code);
    const last = await suite.deploy(repository);
    expect(last.failure).toBeUndefined();
    const { fake } = suite;
    expect([
      fake.d1.databases.size,
      fake.kv.namespaces.size,
      fake.r2.buckets.size,
      fake.workers.size,
    ]).toEqual([1, 1, 1, 1]);
    expect((await suite.deploy(repository)).status).toBe('unchanged');
  });
});

describe('what the account refuses', () => {
  it.each([
    ['a token that may nothing', 10_000, 403, 'API_AUTH'],
    ['a token that may not edit KV', 10_000, 403, 'API_AUTH'],
  ])('%s is told, and nothing is half known', async (name, code, status, expected) => {
    const repository = instanceRepository(files);
    const route = name.includes('KV')
      ? 'POST /accounts/*/storage/kv/namespaces'
      : 'GET /accounts/*/d1/database';
    suite.fake.fail(route, 9, {
      status,
      body: { success: false, errors: [{ code, message: 'Authentication error' }] },
    });
    const result = await suite.deploy(repository).catch((error: unknown) => error);
    const failure = result instanceof Error ? result : (result as { failure: unknown }).failure;
    expect(failure).toMatchObject({ code: expected });
  });
});
