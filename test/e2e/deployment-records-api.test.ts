// An API that does not do as it should fails no deployment, and delays it little.
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { createHost, type DeployHost } from '../support/deploy-host.ts';
import { type ApiAnswer, type FakeGitHub, startFakeGitHub } from '../support/github-api.ts';
import { type ServedDeployments, serveDeployments } from '../support/github-deployments.ts';
import { primaryLimit, secondaryLimit } from '../support/github-faults.ts';
import { release, runOf, script } from '../support/recorded-service.ts';
import { removeRepositories, useHermeticGit } from '../support/repository.ts';
import { type ActionResult, runAction, startAction } from '../support/run-action.ts';
import { requireTools } from '../support/tools.ts';

useHermeticGit();
afterAll(removeRepositories);

let api: FakeGitHub;
beforeEach(async () => {
  api = await startFakeGitHub();
});
afterEach(async () => await api.close());

const action = 'compose-deploy';
const warnings = ({ annotations }: ActionResult) =>
  annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);

/** A second service beside the host's own, for one job with both; returns the input `service`. */
function withAnother(host: DeployHost): string {
  const other = `${host.service}-b`;
  host.commit({
    [`/services/${other}/deploy.sh`]: script(':'),
    [`/services/${other}/target.txt`]: 'homelab\n',
    [`/services/${other}/health-check.sh`]: script(':'),
  });
  return `${other},${host.service}`;
}

async function deployWith(
  records: ServedDeployments,
  more: { readonly both?: boolean; readonly url?: string } = {},
): Promise<{ readonly run: ActionResult; readonly records: ServedDeployments }> {
  const host = await createHost();
  release(host, 'one');
  const given = runOf(api, host, more.both === true ? { service: withAnother(host) } : {});
  const run = await runAction(action, {
    ...given,
    env: { ...given.env, GITHUB_API_URL: more.url ?? api.url },
  });
  expect({ exitCode: run.exitCode, status: run.outputs['status'] }).toEqual({
    exitCode: 0,
    status: 'deployed',
  });
  const post = await runAction(action, { ...given, stage: 'post', state: run.state });
  expect(post.stdout).toBe('');
  return { run, records };
}

/** The first so many requests of a kind are answered so. */
function firstOf(what: string, times: number, answer: ApiAnswer) {
  let left = times;
  return (asked: string): ApiAnswer | undefined => {
    if (asked !== what || left === 0) return undefined;
    left -= 1;
    return answer;
  };
}

requireTools('flock', 'node24')('records of deployments on GitHub, when it does not take them', () => {
  it.each(['read', 'none'] as const)(
    'a token with the permission %s: says once what is missing, also for several services',
    async (permission) => {
      const { run, records } = await deployWith(serveDeployments(api, { permission }), { both: true });
      expect(warnings(run)).toEqual([expect.stringMatching(/`deployments: write`/)]);
      expect(records.all).toEqual([]);
      expect(api.requests).toHaveLength(1);
    },
  );

  it('a token that is none, and a repository that it may not see: the same', async () => {
    for (const [status, message] of [
      [401, 'Bad credentials'],
      [404, 'Not Found'],
    ] as const) {
      const { run } = await deployWith(
        serveDeployments(api, { fault: () => ({ status, body: { message } }) }),
      );
      expect(warnings(run)).toEqual([expect.stringMatching(new RegExp(`${status}.*deployments: write`))]);
    }
  });

  it('a commit that GitHub does not know: says so', async () => {
    const host = await createHost();
    const commit = release(host, 'one');
    serveDeployments(api, { unknown: [commit] });
    const run = await runAction(action, runOf(api, host));
    expect(run.exitCode).toBe(0);
    expect(warnings(run)).toEqual([expect.stringMatching(/No ref found.*push it/)]);
  });

  it.each(['create', 'status'] as const)(
    'hangs at %s: waits once, for less than five seconds, whatever the number of services',
    async (what) => {
      const quick = await deployWith(serveDeployments(api), { both: true });
      const fault = (asked: string) => (asked === what ? ({ hang: true } as const) : undefined);
      const { run } = await deployWith(serveDeployments(api, { fault }), { both: true });
      expect(run.durationMs - quick.run.durationMs).toBeLessThan(5000);
      expect(warnings(run)).toEqual([expect.stringContaining('did not answer')]);
    },
  );

  it('a cancelled run does not wait for an API that hangs; post gives up soon', async () => {
    const host = await createHost();
    serveDeployments(api, { fault: () => ({ hang: true }) });
    release(host, 'one', { deploy: 'echo waiting; sleep 60' });
    const running = startAction(action, runOf(api, host));
    while (!running.log().includes('waiting')) await new Promise((resolve) => setTimeout(resolve, 50));
    const at = performance.now();
    running.kill('SIGINT');
    const result = await running.result;
    expect(performance.now() - at).toBeLessThan(3000);
    const post = await runAction(action, { ...runOf(api, host), stage: 'post', state: result.state });
    expect(post.durationMs).toBeLessThan(5500);
    expect(warnings(post)).toEqual([expect.stringContaining('did not answer')]);
  });

  it.each([
    ['primary', primaryLimit(403)],
    ['secondary', secondaryLimit(429, 60)],
    ['secondary, with no time,', secondaryLimit(403)],
  ])('a %s rate limit: says so at once', async (_kind, answer) => {
    const { run } = await deployWith(serveDeployments(api, { fault: () => answer }), { both: true });
    expect(warnings(run)).toEqual([expect.stringMatching(/rate limit.*used up/)]);
    expect(api.requests).toHaveLength(1);
  });

  it('a limit that ends soon: waits for it, and records', async () => {
    const fault = firstOf('create', 1, secondaryLimit(429, 1));
    const { run, records } = await deployWith(serveDeployments(api, { fault }));
    expect(run.annotations).toEqual([]);
    expect(records.states()).toEqual([expect.stringMatching(/: in_progress, success$/)]);
  });

  it.each(['create', 'status'] as const)(
    'fails at %s now and then: asks again, and records once',
    async (what) => {
      const fault = firstOf(what, 2, { status: 502, body: {} });
      const { run, records } = await deployWith(serveDeployments(api, { fault }));
      expect(run.annotations).toEqual([]);
      expect(records.states()).toEqual([expect.stringMatching(/: in_progress, success$/)]);
    },
  );

  it('makes no second record when only the answer to the first was lost', async () => {
    let lost = false;
    const records = serveDeployments(api, {
      afterwards: (what) => {
        if (what !== 'create' || lost) return undefined;
        lost = true;
        return { status: 502, body: {} };
      },
    });
    await deployWith(records);
    expect(records.states()).toEqual([expect.stringMatching(/: in_progress, success$/)]);
  });

  it('is down: says so for each service', async () => {
    const { run } = await deployWith(serveDeployments(api, { fault: () => ({ status: 503, body: {} }) }), {
      both: true,
    });
    expect(warnings(run)).toEqual([expect.stringContaining('503'), expect.stringContaining('503')]);
    const { run: nobody } = await deployWith(serveDeployments(api), { url: 'http://127.0.0.1:9' });
    expect(warnings(nobody)).toEqual([expect.stringContaining('could not be asked')]);
  });

  it('ends at in_progress when only its end is refused, and says that', async () => {
    const fault = (_what: string, state?: string) =>
      state === 'success' ? { status: 422, body: { message: 'Validation Failed' } } : undefined;
    const { run, records } = await deployWith(serveDeployments(api, { fault }));
    expect(records.states()).toEqual([expect.stringMatching(/: in_progress$/)]);
    expect(warnings(run)).toEqual([expect.stringContaining('Validation Failed')]);
  });
});
