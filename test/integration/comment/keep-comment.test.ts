// What the API does, and what comes of it for the comment.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { githubClient } from '../../../src/adapters/github/client.ts';
import { pullRequestComments } from '../../../src/adapters/github/comments.ts';
import { keepComment } from '../../../src/operations/keep-comment.ts';
import { type ApiAnswer, type FakeGitHub, startFakeGitHub } from '../../support/github-api.ts';
import { ofTheJob, type ServedPullRequest, servePullRequest } from '../../support/github-comments.ts';
import { primaryLimit, randomFaults, secondaryLimit } from '../../support/github-faults.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';

const marker = '<!-- launch:plan -->';
const head = 'a'.repeat(40);
const readers = {
  nobody: { ...ofTheJob, permissions: {} },
  reader: { ...ofTheJob, permissions: { 'pull-requests': 'read' } },
  issues: { ...ofTheJob, permissions: { issues: 'write', 'pull-requests': 'read' } },
  person: { ...ofTheJob, login: 'robo-person' },
} as const;

let api: FakeGitHub;
let pull: ServedPullRequest;

beforeEach(async () => {
  api = await startFakeGitHub('job', Object.keys(readers));
  pull = servePullRequest(api, { number: 7, head, holders: { job: ofTheJob, ...readers } });
});
afterEach(async () => {
  expect(api.refused).toEqual([]);
  await api.close();
});

interface Given {
  readonly text?: string;
  readonly token?: string;
  readonly head?: string;
  readonly create?: boolean;
  readonly author?: string;
  readonly isFork?: boolean;
  readonly signal?: AbortSignal;
  readonly url?: string;
  readonly repository?: string;
  readonly retries?: number;
}

async function keep({ text = 'one', token = 'job', url = api.url, ...more }: Given = {}) {
  const { repository = 'octo/shop', retries = 1 } = more;
  const told = recordingReporter();
  const client = githubClient({ apiUrl: url, token, retries, timeout: 400, longestWait: 3000 });
  const result = await keepComment(
    {
      comments: pullRequestComments(client, repository, 7),
      marker,
      text: `${marker}\n${text}`,
      author: ofTheJob.login,
      create: true,
      head,
      isFork: false,
      signal: new AbortController().signal,
      ...more,
    },
    told,
  );
  return { ...result, warnings: told.warnings };
}

const bodies = () => pull.comments.map(({ body }) => body);

/** Only requests with this method, and each of them. */
function answerTo(method: string, answer: ApiAnswer): void {
  api.intercept((request, proceed) => (request.method === method ? answer : proceed()));
}

describe('the comment of a pull request', () => {
  it('is written, left as it is, and updated in its place', async () => {
    const url = 'https://github.com/octo/shop/pull/7#issuecomment-101';
    expect(await keep()).toEqual({ status: 'created', url, warnings: [] });
    expect(await keep()).toEqual({ status: 'unchanged', url, warnings: [] });
    expect(await keep({ text: 'one ' })).toEqual({ status: 'updated', url, warnings: [] });
    expect(bodies()).toEqual([`${marker}\none `]);
  });

  it('is found behind pages of others, and never taken from a stranger', async () => {
    pull.write('mallory', `${marker}\nmerge me`);
    pull.write('mallory', `${marker}\nand me`);
    for (let at = 0; at < 230; at += 1) pull.write('octocat', `talk ${at}`);
    pull.write(ofTheJob.login, `${marker}\nold`);
    for (let at = 0; at < 30; at += 1) pull.write('octocat', `more ${at}`);
    expect(await keep()).toMatchObject({ status: 'updated' });
    expect(pull.comments).toHaveLength(263);
    expect(pull.writes).toBe(1);
    expect(bodies().filter((it) => it.startsWith(marker))).toEqual([
      `${marker}\nmerge me`,
      `${marker}\nand me`,
      `${marker}\none`,
    ]);
  });

  it('is left alone by a run whose commit is no longer the newest', async () => {
    await keep();
    pull.push('b'.repeat(40));
    const late = await keep({ text: 'late' });
    expect(late).toMatchObject({ status: 'skipped', why: expect.stringContaining('newer commit, bbbbbbb') });
    expect(bodies()).toEqual([`${marker}\none`]);
  });

  it('is not begun where there is nothing to say, and updated where there is one', async () => {
    expect(await keep({ create: false })).toMatchObject({ status: 'skipped' });
    expect(pull.comments).toEqual([]);
    await keep();
    expect(await keep({ create: false, text: 'none' })).toMatchObject({ status: 'updated' });
    expect(bodies()).toEqual([`${marker}\nnone`]);
  });

  it('stays one where two runs write it at once', async () => {
    let waiting: (() => void)[] = [];
    let lists = 0;
    api.intercept(async ({ method, path }, proceed) => {
      if (method !== 'GET' || !path.endsWith('/comments')) return proceed();
      const answer = proceed();
      lists += 1;
      // Both have seen that there is none before either makes one.
      if (lists <= 2) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === 2) for (const go of waiting.splice(0)) go();
        });
      }
      return answer;
    });
    const results = await Promise.all([keep(), keep()]);
    expect(results.map(({ warnings }) => warnings)).toEqual([[], []]);
    expect(pull.writes).toBeGreaterThanOrEqual(2);
    expect(bodies()).toEqual([`${marker}\none`]);
    waiting = [];
  });

  it('has a second one removed, and does not fail when that is refused', async () => {
    for (const text of ['a', 'b', 'c']) pull.write(ofTheJob.login, `${marker}\n${text}`);
    answerTo('DELETE', { status: 403, body: { message: 'Forbidden' } });
    expect(await keep()).toMatchObject({
      status: 'updated',
      warnings: [expect.stringContaining('could not be removed'), expect.any(String)],
    });
    api.intercept((_request, proceed) => proceed());
    expect(await keep()).toMatchObject({ status: 'unchanged', warnings: [] });
    expect(bodies()).toEqual([`${marker}\none`]);
  });

  it('is made anew when somebody removes it at that moment', async () => {
    pull.write(ofTheJob.login, `${marker}\nold`);
    let isFirst = true;
    api.intercept(({ method, path }, proceed) => {
      const answer = proceed();
      if (method !== 'GET' || !path.endsWith('/comments') || !isFirst) return answer;
      isFirst = false;
      api.intercept((request, go) => {
        if (request.method === 'PATCH') api.intercept((_request, then) => then());
        return request.method === 'PATCH' ? { status: 404, body: { message: 'Not Found' } } : go();
      });
      return answer;
    });
    expect(await keep()).toMatchObject({ status: 'updated', warnings: [] });
    expect(bodies()).toEqual([`${marker}\none`]);
  });

  it('is one also with a token of another account than was said', async () => {
    const first = await keep({ token: 'person' });
    expect(first).toMatchObject({
      status: 'created',
      warnings: [expect.stringContaining('Set the input `author` to robo-person')],
    });
    expect(await keep({ token: 'person', text: 'two' })).toMatchObject({ status: 'updated' });
    expect(await keep({ token: 'person', text: 'two', author: 'Robo-Person' })).toMatchObject({
      status: 'unchanged',
      warnings: [],
    });
    expect(bodies()).toEqual([`${marker}\ntwo`]);
  });
});

describe('what GitHub does not take', () => {
  it.each([
    ['reader', false, /403.*not accessible.*permission `pull-requests: write`/],
    ['nobody', false, /404.*permission `pull-requests: write`/],
    ['reader', true, /403.*from a fork may only read.*job summary/],
    ['wrong', false, /401 .*Bad credentials.*permission/],
  ])('with the token of %s, fork %s: says what is missing', async (token, isFork, why) => {
    const result = await keep({ token, isFork });
    expect(result).toMatchObject({ status: 'failed', why: expect.stringMatching(why) });
    expect(result.warnings).toEqual([
      expect.stringMatching(/^The comment could not be written; nothing else/),
    ]);
    expect(api.requests.length).toBeLessThan(4);
    expect(pull.comments).toEqual([]);
  });

  it('takes the permission for issues as well, as GitHub does', async () => {
    expect(await keep({ token: 'issues' })).toMatchObject({ status: 'created' });
  });

  it.each([
    ['a body that is too long', { text: 'x'.repeat(70_000) }, /422.*Validation Failed: Body is too long/],
    ['no server', { url: 'http://127.0.0.1:9', retries: 0 }, /could not be asked/],
  ])('%s: says so', async (_what, given, why) => {
    expect(await keep(given)).toMatchObject({ status: 'failed', why: expect.stringMatching(why) });
  });

  it('a conversation that is locked: does not blame the permission', async () => {
    const message = 'Unable to create comment because issue is locked.';
    answerTo('POST', { status: 403, body: { message } });
    const { warnings } = await keep();
    expect(warnings).toEqual([expect.stringMatching(/issue is locked.*collaborators/)]);
    expect(warnings[0]).not.toContain('permission');
  });

  it.each([
    ['primary 403', primaryLimit(403)],
    ['primary 429', primaryLimit(429)],
    ['secondary 403 with Retry-After', secondaryLimit(403, 60)],
    ['secondary 429 with Retry-After', secondaryLimit(429, 60)],
    ['secondary 403 that says no time', secondaryLimit(403)],
    ['secondary 429 that says no time', secondaryLimit(429)],
  ])('a limit (%s): asks once, and says when', async (_kind, answer) => {
    answerTo('POST', answer);
    const { status, warnings } = await keep();
    expect(status).toBe('failed');
    expect(warnings).toEqual([expect.stringMatching(/used up its requests; run it again in \d+ s/)]);
    expect(api.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it.each([
    ['Retry-After', () => secondaryLimit(429, 1)],
    ['x-ratelimit-reset', () => primaryLimit(403, 1)],
  ])('a limit that ends soon, by %s: waits for it', async (_header, answer) => {
    let left = 1;
    api.intercept(({ method }, proceed) => {
      if (method !== 'POST' || left === 0) return proceed();
      left -= 1;
      return answer();
    });
    const at = performance.now();
    expect(await keep()).toMatchObject({ status: 'created', warnings: [] });
    expect(performance.now() - at).toBeGreaterThan(1000);
  });

  it('hangs: ends when the run is cancelled, and says that', async () => {
    answerTo('GET', { hang: true });
    const { status, warnings } = await keep({ signal: AbortSignal.timeout(300) });
    expect(status).toBe('failed');
    expect(warnings).toEqual([expect.stringContaining('The run was cancelled.')]);
  });

  it('hangs for good: gives up', async () => {
    answerTo('GET', { hang: true });
    const result = await keep({ retries: 0 });
    expect(result).toMatchObject({ status: 'failed', why: expect.stringContaining('did not answer') });
  });

  it('an answer that is none: says so', async () => {
    answerTo('GET', { body: { head: 5 } });
    expect(await keep()).toMatchObject({ status: 'failed', why: expect.stringContaining('no comment') });
  });

  it.each(['create', 'update'])('the answer to %s is lost: it is written once', async (what) => {
    if (what === 'update') pull.write(ofTheJob.login, `${marker}\nold`);
    let isLost = false;
    api.intercept(({ method }, proceed) => {
      if (method === 'GET' || isLost) return proceed();
      isLost = true;
      proceed();
      return { cut: true };
    });
    expect(await keep()).toMatchObject({ status: `${what}d`, warnings: [] });
    expect(pull.writes).toBe(1);
    expect(bodies()).toEqual([`${marker}\none`]);
  });
});

describe.each([
  ['5 %', 0.05, 20, 4],
  ['40 %', 0.4, 20, 2],
])('an API that fails at %s of all requests', (_share, rate, pulls, pushes) => {
  it('never throws, says what was not written, and is left with one comment', async () => {
    const faults = randomFaults(20_261_122, rate);
    api.intercept(faults.intercept);
    let failed = 0;
    // Side by side: what costs time is the waiting.
    const served = Array.from({ length: pulls }, (_, at) =>
      servePullRequest(api, { repository: `octo/shop-${at}`, number: 7, head }),
    );
    const pushTo = async (its: ServedPullRequest, repository: string) => {
      for (let push = 1; push <= pushes; push += 1) {
        const { status, warnings } = await keep({ text: `push ${push}`, repository });
        if (status === 'failed') {
          failed += 1;
          expect(warnings).toEqual([expect.stringMatching(/^The comment could not be written; .{20}/)]);
        } else {
          expect(['created', 'updated', 'unchanged']).toContain(status);
          expect(its.comments[0]?.body).toBe(`${marker}\npush ${push}`);
        }
      }
    };
    await Promise.all(served.map((its, at) => pushTo(its, `octo/shop-${at}`)));
    expect(faults.count).toBeGreaterThan(pulls * pushes * 3 * rate * 0.5);
    expect(failed < pulls * pushes).toBe(true);
    api.intercept((_request, proceed) => proceed());
    for (const [at, its] of served.entries()) {
      await keep({ text: 'last', repository: `octo/shop-${at}` });
      expect(its.comments.map(({ body }) => body)).toEqual([`${marker}\nlast`]);
    }
  });
});
