// A push is compared with what was deployed last, as GitHub's API tells it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { githubClient } from '../../../src/adapters/github/client.ts';
import { workflowRuns } from '../../../src/adapters/github/workflow-runs.ts';
import type { EventFacts } from '../../../src/core/changes/event.ts';
import { detect, kinds, pushEvent } from '../../support/detecting.ts';
import { type FakeGitHub, first, paged, startFakeGitHub } from '../../support/github-api.ts';
import {
  createRepository,
  type Repository,
  removeRepositories,
  useHermeticGit,
} from '../../support/repository.ts';

interface Run {
  readonly id: number;
  readonly head_sha: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly event: string;
  readonly head_branch: string;
  readonly run_started_at?: string;
}

let api: FakeGitHub;
let desk: Repository;
let origin: Repository;
/** Ids of the commits on main, the first one first. */
let commits: string[];

beforeAll(useHermeticGit);
afterAll(removeRepositories);

beforeEach(async () => {
  api = await startFakeGitHub();
  desk = createRepository();
  const start = desk.commit({
    'services/api/deploy.sh': 'x',
    'services/db/deploy.sh': 'x',
    'services/web/deploy.sh': 'x',
  });
  // Each commit changes one service: c1 api, c2 db, c3 web.
  commits = [start, ...['api', 'db', 'web'].map((name) => desk.commit({ [`services/${name}/file`]: name }))];
  origin = desk.bareOrigin();
});

afterEach(async () => {
  expect(api.refused).toEqual([]);
  await api.close();
});

const at = (index: number): string => commits[index] ?? '';

/** A finished run of a push to main; newer ones have higher numbers. */
function run(id: number, head: string, conclusion: string | null = 'success', more: Partial<Run> = {}): Run {
  return {
    id,
    head_sha: head,
    status: conclusion === null ? 'in_progress' : 'completed',
    conclusion,
    event: 'push',
    head_branch: 'main',
    ...more,
  };
}

const deployed = [
  {
    name: 'Plan',
    conclusion: 'success',
    steps: [{ name: 'Detect changed services', conclusion: 'success' }],
  },
  { name: 'Deploy web to homelab', conclusion: 'success', steps: [] },
  { name: 'wave-2', conclusion: 'skipped', steps: [] },
];
const planned = [deployed[0], { name: 'Deploy ${{ matrix.service }}', conclusion: 'skipped', steps: [] }];

function serve(runs: readonly Run[], jobsOf: (id: number) => readonly unknown[] = () => deployed): void {
  api.on('GET /repos/octo/shop/actions/workflows/deploy.yml/runs', paged(runs, 'workflow_runs'));
  for (const { id } of runs) {
    api.on(`GET /repos/octo/shop/actions/runs/${id}/jobs`, paged(jobsOf(id), 'jobs'));
  }
}

interface Options {
  readonly depth?: number;
  readonly event?: EventFacts;
  readonly token?: string;
  readonly budget?: number;
  readonly ref?: string;
}

/** Detection in a clone of main, in run 100. */
async function detectPush({ depth, event, token = api.token, budget = 5000, ref = 'main' }: Options = {}) {
  const clone = origin.clone({ ref, ...(depth === undefined ? {} : { depth }) });
  const client = githubClient({ token, apiUrl: api.url });
  const runs = workflowRuns(client, { repository: 'octo/shop', id: 100, workflow: 'deploy.yml' }, budget);
  return await detect(clone, {
    since: 'last-success',
    event: event ?? pushEvent({ before: at(2), forced: false }),
    runs: async () => ({ ok: true, value: runs }),
  });
}

describe.each([
  ['depth 1', 1],
  ['a full clone', undefined],
])('in %s', (_name, depth) => {
  const clone = depth === undefined ? {} : { depth };

  it('compares with the newest successful push run, and asks for nothing else', async () => {
    serve([run(100, at(3), null), run(9, at(1)), run(8, at(0))]);
    expect(await detectPush(clone)).toMatchObject({ services: ['db', 'web'], base: at(1), warnings: [] });
    expect(api.requests.map(({ path, query }) => [path, query['branch'], query['event']])).toEqual([
      ['/repos/octo/shop/actions/workflows/deploy.yml/runs', 'main', 'push'],
      ['/repos/octo/shop/actions/runs/9/jobs', undefined, undefined],
    ]);
  });

  it('tries again what failed, was cancelled or still runs, and takes back what it may have deployed', async () => {
    // A push changed api and failed; the next one takes that back and changes web.
    desk.commit({ 'services/api/file': 'broken' });
    const broken = desk.id();
    desk.commit({ 'services/api/file': 'api', 'services/web/file': 'better' });
    desk.git('push', '--quiet', 'origin', 'main');
    for (const conclusion of ['failure', 'cancelled', 'timed_out', 'startup_failure', null]) {
      serve([run(11, broken, conclusion), run(10, at(3)), run(9, at(2), 'failure')]);
      const detection = await detectPush(clone);
      expect(detection).toMatchObject({ services: ['api', 'web'], base: at(3), warnings: [] });
      expect(kinds(detection, 'api')).toEqual(['retry']);
      expect(kinds(detection, 'web')).toEqual(['files']);
    }
    serve([run(11, broken, 'skipped'), run(10, at(3))]);
    expect((await detectPush(clone)).services).toEqual(['web']);
  });

  it('goes back past several runs in a repository whose folders are long', async () => {
    // Of long folders a server sends the difference to what it takes to be here already.
    const good = desk.commit(
      Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`docs-${at}/page`, `${at}`])),
    );
    const broken = desk.commit({ 'services/api/file': 'broken', 'services/web/file': 'better' });
    const back = desk.commit({ 'services/api/file': 'api', 'services/web/file': 'web' });
    const late = desk.commit({ 'services/db/file': 'late' });
    desk.commit({ 'README.md': 'Open.' });
    desk.git('push', '--quiet', 'origin', 'main');
    serve([
      run(13, late, 'cancelled'),
      run(12, back, 'cancelled'),
      run(11, broken, 'failure'),
      run(10, good),
    ]);
    const detection = await detectPush({ ...clone, event: pushEvent({ before: late, forced: false }) });
    expect(detection).toMatchObject({ services: ['api', 'db', 'web'], base: good, warnings: [] });
  });

  it('passes over runs that deployed nothing, whether their commit is an ancestor or not', async () => {
    desk.branch('aside', at(0));
    const aside = desk.commit({ 'services/web/file': 'aside' });
    desk.git('push', '--quiet', 'origin', 'aside');
    serve([run(12, aside), run(11, at(2)), run(10, at(1))], (id) => (id === 10 ? deployed : planned));
    expect(await detectPush(clone)).toMatchObject({ services: ['db', 'web'], base: at(1), warnings: [] });
  });

  it('counts a run that only took something down', async () => {
    const step = { name: 'Take the service down', conclusion: 'success' };
    const removal = { name: 'Remove old from homelab', conclusion: 'success', steps: [step] };
    serve([run(11, at(2)), run(10, at(1))], (id) => (id === 10 ? deployed : [...planned, removal]));
    expect(await detectPush(clone)).toMatchObject({ services: ['web'], base: at(2), warnings: [] });
  });

  it('takes back what a commit deployed that a forced push has taken away since', async () => {
    // Only this one touched api; no commit of the branch tells of it any more.
    desk.branch('aside', at(3));
    const aside = desk.commit({ 'services/api/file': 'aside' });
    desk.git('push', '--quiet', 'origin', 'aside');
    serve([run(11, aside), run(10, at(3))]);
    const detection = await detectPush(clone);
    expect(detection).toMatchObject({ base: at(3), warnings: [] });
    expect(kinds(detection, 'api')).toEqual(['retry']);
  });

  it('counts everything when a later run that failed is no longer on the server', async () => {
    const gone = 'f'.repeat(40);
    serve([run(11, gone, 'failure'), run(10, at(2))]);
    const detection = await detectPush(clone);
    expect(detection).toMatchObject({ services: ['api', 'db', 'web'], base: undefined });
    expect(detection.warnings).toEqual([
      expect.stringMatching(/no longer on the server\. Every service counts/),
    ]);
  });

  it('after a forced push counts what was there, and what failed on the way', async () => {
    const before = at(3);
    desk.git('reset', '--quiet', '--hard', at(2));
    desk.commit({ 'services/web/file': 'web', 'README.md': 'only another message' });
    desk.git('push', '--quiet', '--force', 'origin', 'main');
    const event = pushEvent({ before, forced: true });
    serve([run(10, before), run(9, at(2))]);
    expect(await detectPush({ ...clone, event })).toMatchObject({ services: [], base: before });
    // The run of the replaced commit failed: web may never have been deployed.
    serve([run(10, before, 'failure'), run(9, at(2))]);
    expect(await detectPush({ ...clone, event })).toMatchObject({ services: ['web'], base: before });
  });
});

describe('which runs count', () => {
  it('takes an old run that was run again for the newest', async () => {
    serve([
      run(12, at(2), 'success', { run_started_at: '2026-01-02T00:00:00Z' }),
      run(11, at(1), 'success', { run_started_at: '2026-01-03T00:00:00Z' }),
    ]);
    expect(await detectPush()).toMatchObject({ base: at(1) });
  });

  it('looks further than a page', async () => {
    const failed = Array.from({ length: 130 }, (_, index) => run(1000 - index, at(3), 'failure'));
    serve([...failed, run(9, at(1))]);
    expect(await detectPush()).toMatchObject({ services: ['db', 'web'], base: at(1) });
  });

  it('looks at several runs at once when many deployed nothing', async () => {
    const idle = Array.from({ length: 20 }, (_, index) => run(50 - index, at(2)));
    serve([...idle, run(9, at(1))], (id) => (id === 9 ? deployed : planned));
    expect(await detectPush()).toMatchObject({ base: at(1) });
  });

  it('ignores what is no push to this branch, whatever the server sends', async () => {
    serve([
      run(12, at(2), 'success', { event: 'workflow_dispatch' }),
      run(11, at(2), 'success', { head_branch: 'other' }),
      run(10, at(1)),
    ]);
    expect(await detectPush()).toMatchObject({ base: at(1) });
  });

  it('counts everything while nothing has been deployed, and says so', async () => {
    serve([run(10, at(2), 'failure')]);
    const detection = await detectPush();
    expect(detection).toMatchObject({ services: ['api', 'db', 'web'], base: undefined });
    expect(detection.warnings).toEqual([expect.stringContaining('has deployed on main yet')]);
  });

  it('on another branch begins at the merge base while nothing has been deployed', async () => {
    desk.branch('feature', at(1));
    desk.commit({ 'services/web/file': 'feature' });
    desk.git('push', '--quiet', 'origin', 'feature');
    serve([]);
    const event = { event: 'workflow_dispatch', branch: 'feature', defaultBranch: 'main' };
    expect(await detectPush({ event, ref: 'feature' })).toMatchObject({ services: ['web'], base: at(1) });
  });
});

describe('when the API can not be asked', () => {
  const fallback = { services: ['web'] };

  it('compares with the commit before the push, and says why', async () => {
    serve([run(9, at(0))]);
    const detection = await detectPush({ token: 'wrong' });
    expect(detection).toMatchObject({ ...fallback, base: at(2) });
    expect(detection.warnings).toEqual([
      expect.stringMatching(/401.*actions: read.*Compared with the commit before the push instead/),
    ]);
  });

  it('gives up within its time', async () => {
    api.on('GET /repos/octo/shop/actions/workflows/deploy.yml/runs', () => ({ hang: true }));
    const started = performance.now();
    const detection = await detectPush({ budget: 300 });
    expect(performance.now() - started).toBeLessThan(4000);
    expect(detection).toMatchObject({ ...fallback, base: at(2) });
    expect(detection.warnings).toEqual([expect.stringContaining('did not answer')]);
  });

  it('tries again after a passing fault, and does not wait for a long limit', async () => {
    serve([run(9, at(1))]);
    const runs = paged([run(9, at(1))], 'workflow_runs');
    const route = 'GET /repos/octo/shop/actions/workflows/deploy.yml/runs';
    api.on(route, first(1, { status: 502 }, runs));
    expect(await detectPush()).toMatchObject({ base: at(1), warnings: [] });
    api.on(route, first(1, { status: 403, headers: { 'retry-after': '0' } }, runs));
    expect(await detectPush()).toMatchObject({ base: at(1), warnings: [] });
    api.on(route, () => ({
      status: 429,
      headers: { 'retry-after': '3600' },
      body: { message: 'slow down' },
    }));
    const before = api.requests.length;
    expect(await detectPush()).toMatchObject({ ...fallback, base: at(2) });
    expect(api.requests.length - before).toBe(1);
  });

  it('does not trust an answer that is none', async () => {
    api.on('GET /repos/octo/shop/actions/workflows/deploy.yml/runs', () => ({
      body: { workflow_runs: [{ ...run(9, '--upload-pack=x') }] },
    }));
    const detection = await detectPush();
    expect(detection).toMatchObject({ ...fallback, base: at(2) });
    expect(detection.warnings).toEqual([expect.stringContaining('not what it is documented to be')]);
  });
});
