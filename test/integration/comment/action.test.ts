// The action as a runner starts it.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type FakeGitHub, startFakeGitHub } from '../../support/github-api.ts';
import { ofTheJob, type ServedPullRequest, servePullRequest } from '../../support/github-comments.ts';
import { type ActionResult, runAction } from '../../support/run-action.ts';

const marker = '<!-- launch:plan -->';
const token = 'ghs_ThisIsTheTokenOfTheJob';
let api: FakeGitHub;
let pull: ServedPullRequest;

const commit = (number: number) => number.toString(16).padStart(40, '0');

beforeEach(async () => {
  api = await startFakeGitHub(token, ['ghs_reader']);
  const reader = { ...ofTheJob, permissions: { 'pull-requests': 'read' } } as const;
  pull = servePullRequest(api, {
    number: 12,
    head: commit(1),
    holders: { [token]: ofTheJob, ghs_reader: reader },
  });
});
afterEach(async () => {
  expect(api.refused).toEqual([]);
  await api.close();
});

interface Given {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly event?: unknown;
  readonly token?: string;
  readonly head?: string;
  readonly from?: string;
}

async function comment(body: string | undefined, given: Given = {}): Promise<ActionResult> {
  const { head = commit(1), from = 'octo/shop' } = given;
  const pullRequest = { number: 12, head: { sha: head, ref: 'x', repo: { full_name: from } }, base: {} };
  return await runAction('pr-comment', {
    eventName: 'pull_request',
    event: given.event ?? { pull_request: pullRequest },
    inputs: { body, ...given.inputs },
    env: { GITHUB_API_URL: api.url, GITHUB_TOKEN: given.token ?? token, ACTIONS_STEP_DEBUG: 'true' },
  });
}

const warnings = ({ annotations }: ActionResult) => annotations.map(({ level, message }) => [level, message]);

it('keeps one comment over 20 pushes, the last two of them at once', async () => {
  const first = await comment('Deploys **front**.');
  expect(first).toMatchObject({ exitCode: 0, annotations: [] });
  expect(first.outputs).toEqual({
    status: 'created',
    url: 'https://github.com/octo/shop/pull/12#issuecomment-101',
  });
  expect(first.summary).toBe(`Comment on the pull request: [created](${first.outputs['url']}).\n\n`);
  for (let push = 2; push <= 18; push += 1) {
    pull.push(commit(push));
    const { outputs } = await comment(`Push ${push}.`, { head: commit(push) });
    expect(outputs).toEqual({ ...first.outputs, status: 'updated' });
  }
  pull.push(commit(20));
  const [late, last] = await Promise.all(
    [19, 20].map((push) => comment(`Push ${push}.`, { head: commit(push) })),
  );
  expect([late?.outputs['status'], last?.outputs['status']]).toEqual(['skipped', 'updated']);
  expect(pull.comments).toEqual([{ id: 101, login: ofTheJob.login, body: `${marker}\nPush 20.` }]);
});

it('sends a hostile body as it stands, and nothing of it anywhere else', async () => {
  const hostile = [
    '<!-- launch:plan-b -->',
    '::set-output name=status::gone',
    '::error::broken',
    '##[error]broken',
    '$(touch /tmp/owned) `id` ${{ github.token }} %0A::warning::x',
    '\u202egnp.exe \u0007 "quotes\' \\ </details> 😀',
  ].join('\n');
  const run = await comment(hostile);
  expect(pull.comments.map(({ body }) => body)).toEqual([`${marker}\n${hostile}`]);
  expect(run).toMatchObject({ exitCode: 0, annotations: [], outputs: { status: 'created' } });
  expect(run.commands.filter(({ name }) => name !== 'add-mask' && name !== 'debug')).toEqual([]);
  expect(run.stdout + run.stderr + run.summary).not.toContain('owned');
});

it('cuts a body that is too long, and says where all of it is', async () => {
  const run = await comment(`${'a line of a very long plan\n'.repeat(4000)}`);
  expect(run.outputs['status']).toBe('created');
  const body = pull.comments[0]?.body ?? '';
  expect(body.length).toBeGreaterThan(65_000);
  expect(body).toMatch(
    /plan\n\n_The rest does not fit into a comment\. The summary of \[the run\]\(https:\/\/github\.com\/octo\/shop\/actions\/runs\/1\/attempts\/1\) has all of it\._$/,
  );
});

it.each([
  [
    'an event without a pull request',
    { event: { ref: 'refs/heads/main' } },
    'skipped',
    /about no pull request/,
  ],
  ['no token', { inputs: { token: '' } }, 'failed', /`token` is empty.*`pull-requests: write`/],
  ['a token that may only read', { token: 'ghs_reader' }, 'failed', /403.*`pull-requests: write`/],
  [
    'a pull request from a fork',
    { token: 'ghs_reader', from: 'mallory/shop' },
    'failed',
    /403.*from a fork.*job summary/,
  ],
])('is green with %s, and says why there is no comment', async (_what, given, status, why) => {
  const run = await comment('text', given);
  expect(run).toMatchObject({ exitCode: 0, outputs: { status, url: '' } });
  expect(warnings(run)).toEqual([['warning', expect.stringMatching(why)]]);
  expect(run.summary).toMatch(/^Comment on the pull request: /);
  expect(pull.comments).toEqual([]);
});

it('has nothing to say with an empty body, and begins none where it is not to', async () => {
  for (const [body, inputs] of [
    ['', {}],
    ['text', { create: 'false' }],
  ] as const) {
    expect(await comment(body, { inputs })).toMatchObject({
      exitCode: 0,
      annotations: [],
      outputs: { status: 'skipped', url: '' },
    });
  }
  expect(pull.comments).toEqual([]);
});

it('keeps comments for different purposes apart, and takes the author that it is told', async () => {
  const mine = pull.write('robot', '<!-- launch:coverage -->\n80 %');
  await comment('plan');
  const run = await comment('81 %', { inputs: { key: 'coverage', author: 'Robot' } });
  expect(run.outputs['status']).toBe('updated');
  expect(pull.comments.map(({ body }) => body)).toEqual([
    '<!-- launch:coverage -->\n81 %',
    `${marker}\nplan`,
  ]);
  expect(mine.login).toBe('robot');
});

it('refuses inputs that are wrong whatever GitHub does', async () => {
  for (const [name, value] of [
    ['key', 'a -->'],
    ['create', 'perhaps'],
  ] as const) {
    const run = await comment('text', { inputs: { [name]: value } });
    expect(run).toMatchObject({ exitCode: 1, annotations: [{ title: 'CONFIG_INVALID' }] });
  }
  expect(api.requests).toEqual([]);
});

it('hides the token, and prints it nowhere', async () => {
  const run = await comment('text');
  expect(run.masks).toContain(token);
  const rest = (run.stdout + run.stderr).replaceAll(`::add-mask::${token}`, '');
  expect(rest).not.toContain(token);
});
