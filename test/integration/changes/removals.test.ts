// What a change takes away, read from the commits that it is compared with, on real repositories.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PushRun } from '../../../src/core/changes/last-success.ts';
import { planRemovals } from '../../../src/operations/plan-removals.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import { detect, pushEvent } from '../../support/detecting.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';
import {
  createRepository,
  type Files,
  type Repository,
  removeRepositories,
  useHermeticGit,
} from '../../support/repository.ts';

beforeAll(useHermeticGit);
afterAll(removeRepositories);

const compose = 'services:\n  web:\n    image: nginx\n';
const launch = `targets:
  home: { runs-on: [self-hosted, home] }
  aws: { runs-on: [self-hosted, aws], environment: aws }
  edge: { runs-on: ubuntu-latest, driver: worker }
defaults: { target: home }
`;
const two: Files = {
  'launch.yml': launch,
  'services/web/compose.yaml': compose,
  'services/web/service.yml': 'targets: [home, aws]\non-delete: stop\n',
  'services/db/compose.yaml': compose,
};

/** What the change from `before` to `after` takes away, as `service target driver on-delete environment`. */
async function gone(before: Files, after: Files, repository: Repository = createRepository()) {
  const base = repository.commit(before);
  repository.commit(after);
  return await removals(repository, { base });
}

async function removals(repository: Repository, options: Parameters<typeof detect>[1]) {
  const detection = await detect(repository, options);
  const wishes = { cwd: repository.path, since: 'event' as const, event: { event: undefined }, ...options };
  const planned = await planRemovals(wishes, detection, silentReporter);
  expect(planned.unreadable).toEqual([]);
  return planned.removals.map(({ service, target, driver, onDelete }) =>
    [service, target.name, driver, onDelete, target.environment ?? '-'].join(' '),
  );
}

describe('what a change takes away', () => {
  it('is a deleted service on each of its targets, as the commit before had them', async () => {
    expect(await gone(two, { 'services/web': null, 'services/db': null })).toEqual([
      'db home compose report -',
      'web aws compose stop aws',
      'web home compose stop -',
    ]);
  });

  it('is one target, whether service.yml, target.txt or launch.yml names another', async () => {
    const files = { 'services/web/service.yml': 'targets: [aws]\n', 'services/db/target.txt': 'aws\n' };
    expect(await gone(two, files)).toEqual(['db home compose report -', 'web home compose report -']);
    const moved = {
      'launch.yml': launch.replace('target: home', 'target: aws'),
      'services/db/README': 'x',
      'services/web/README': 'x',
    };
    expect(await gone(two, moved)).toEqual(['db home compose report -']);
  });

  it('is what a renamed service left, and the machine of one that became a worker', async () => {
    const repository = createRepository();
    const base = repository.commit(two);
    repository.git('mv', 'services/db', 'services/data');
    repository.commit({
      'services/web/compose.yaml': null,
      'services/web/wrangler.jsonc': '{}',
      'services/web/service.yml': 'target: home\n',
    });
    expect(await removals(repository, { base })).toEqual([
      'db home compose report -',
      'web aws compose report aws',
      'web home compose report -',
    ]);
  });

  it('is nothing when files change, come or go otherwise, and without a base', async () => {
    const repository = createRepository();
    const files = { 'services/db/README': 'x', 'services/new/compose.yaml': compose };
    expect(await gone(two, files, repository)).toEqual([]);
    expect(await removals(repository, { services: 'all' })).toEqual([]);
  });

  /** The runs on main, newest first, as GitHub lists them. */
  const runsOf =
    (...listed: readonly PushRun[]) =>
    async () => ({
      ok: true as const,
      value: {
        async *pages() {
          yield listed;
        },
        deployed: async (asked: readonly PushRun[]) => new Set(asked),
      },
    });

  it('is also what only a run that failed may have deployed', async () => {
    const repository = createRepository();
    const success = repository.commit(two);
    const failed = repository.commit({
      'services/late/compose.yaml': compose,
      'services/late/service.yml': 'target: aws\non-delete: stop\n',
    });
    repository.commit({ 'services/late': null });
    const runs = runsOf(
      { id: 2, commit: failed, state: 'unfinished' },
      { id: 1, commit: success, state: 'succeeded' },
    );
    const event = pushEvent({ before: failed, forced: false });
    expect(await removals(repository, { since: 'last-success', event, runs })).toEqual([
      'late aws compose stop aws',
    ]);
  });

  it('is found again with every push, until a run has ended well', async () => {
    const repository = createRepository();
    const success = repository.commit(two);
    const failed = repository.commit({ 'services/web': null });
    const next = repository.commit({ 'README.md': 'something else' });
    const both = ['web aws compose stop aws', 'web home compose stop -'];
    const event = pushEvent({ before: failed, forced: false });
    const before = { id: 1, commit: success, state: 'succeeded' } as const;
    for (const state of ['unfinished', 'skipped'] as const) {
      const runs = runsOf({ id: 2, commit: failed, state }, before);
      expect(await removals(repository, { since: 'last-success', event, runs })).toEqual(both);
    }
    repository.commit({ 'README.md': 'and more' });
    const runs = runsOf({ id: 3, commit: next, state: 'succeeded' }, before);
    expect(await removals(repository, { since: 'last-success', event, runs })).toEqual([]);
  });

  it('goes first where something new needs its port, its project, a name or its route', async () => {
    const repository = createRepository();
    const file = (port: number, more = '') =>
      `services:\n  web:\n    image: nginx\n    ports: ["${port}:80"]\n${more}`;
    const base = repository.commit({
      'launch.yml': launch,
      'services/a/compose.yaml': file(8001),
      'services/b/compose.yaml': `name: shared\n${file(8002)}`,
      'services/c/compose.yaml': file(8003, '    container_name: "db"\n'),
      'services/d/compose.yaml': file(8004),
      'services/d/service.yml': 'route: { host: shop.example, port: 80 }\n',
      'services/e/compose.yaml': file(8005),
      'services/f/compose.yaml': file(8006),
    });
    repository.commit({
      ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [`services/${name}`, null])),
      'services/new-a/compose.yaml': file(9001),
      'services/new-a/service.yml': 'targets: { home: { ports: { web: ["127.0.0.1:8001:80"] } } }\n',
      'services/new-b/compose.yaml': `name: shared\n${file(9002)}`,
      'services/new-c/compose.yaml': file(9003, '    container_name: db\n'),
      'services/new-d/compose.yaml': file(9004),
      'services/new-d/service.yml': 'route: { host: shop.example, port: 80 }\n',
      'services/new-e/compose.yaml': file(8005),
      'services/new-e/service.yml': 'target: aws\n',
    });
    const detection = await detect(repository, { base });
    const wishes = { cwd: repository.path, base, since: 'event', event: { event: undefined } } as const;
    const { removals: found } = await planRemovals(wishes, detection, silentReporter);
    expect(
      found.map(({ service, wave, placeTakenBy }) => [
        service,
        wave,
        placeTakenBy?.service,
        placeTakenBy?.what,
      ]),
    ).toEqual([
      ['a', 0, 'new-a', 'the port 8001/tcp'],
      ['b', 0, 'new-b', 'the compose project shared'],
      ['c', 0, 'new-c', 'the container name db'],
      ['d', 0, 'new-d', 'the route shop.example/'],
      ['e', undefined, undefined, undefined],
      ['f', undefined, undefined, undefined],
    ]);
  });

  it('is only told of where the target has another name for the same runners', async () => {
    const repository = createRepository();
    const script: Files = { 'services/job/deploy.sh': 'x', 'services/job/remove.sh': 'y' };
    const stop = { 'services/job/service.yml': 'on-delete: stop\n' };
    const base = repository.commit({ ...two, ...script, ...stop });
    repository.commit({
      'launch.yml': launch
        .replace('home: { runs-on: [self-hosted, home]', 'attic: { runs-on: [Home, self-hosted]')
        .replace('target: home', 'target: attic'),
      'services/web/service.yml': 'targets: [aws, attic]\non-delete: stop\n',
    });
    const detection = await detect(repository, { base });
    const wishes = { cwd: repository.path, base, since: 'event', event: { event: undefined } } as const;
    const { removals: found } = await planRemovals(wishes, detection, silentReporter);
    expect(found.map((it) => [it.service, it.target.name, it.onDelete, it.movedTo])).toEqual([
      ['db', 'home', 'report', 'attic'],
      ['job', 'home', 'report', 'attic'],
      ['web', 'home', 'report', 'attic'],
    ]);
    // One of two names for the machine that it has had all along is taken down as any other.
    const both = {
      'launch.yml': launch.replace('  aws', '  attic: { runs-on: [self-hosted, home] }\n  aws'),
    };
    const targets = (list: string) => ({ 'services/web/service.yml': `targets: ${list}\non-delete: stop\n` });
    expect(await gone({ ...two, ...both, ...targets('[home, attic]') }, targets('[attic]'))).toEqual([
      'web home compose stop -',
    ]);
  });

  it('names the worker as it was deployed, and leaves one that lives on under another name', async () => {
    const repository = createRepository();
    const wrangler = (name: string) =>
      `{ "name": "${name}", "account_id": "acc", "env": { "edge": {} } } // x\n`;
    const base = repository.commit({
      'launch.yml': launch,
      'services/old/wrangler.jsonc': wrangler('api'),
      'services/old/service.yml': 'target: edge\n',
      'services/out/wrangler.jsonc': wrangler('out'),
      'services/out/service.yml': 'target: edge\n',
      'services/bad/wrangler.jsonc': wrangler('x; rm -rf'),
      'services/bad/service.yml': 'target: edge\n',
    });
    repository.commit({
      'services/old': null,
      'services/out': null,
      'services/bad': null,
      'services/api/wrangler.jsonc': wrangler('api'),
      'services/api/service.yml': 'target: edge\n',
    });
    const detection = await detect(repository, { base });
    const wishes = { cwd: repository.path, base, since: 'event', event: { event: undefined } } as const;
    const { removals: found, unreadable } = await planRemovals(wishes, detection, silentReporter);
    expect(found.map(({ service, worker }) => [service, worker])).toEqual([
      ['out', { name: 'out-edge', accountId: 'acc' }],
    ]);
    expect(unreadable.map(({ service }) => service)).toEqual(['bad']);
  });

  it('is told of, where the commit before can not be read', async () => {
    const repository = createRepository();
    const base = repository.commit({ ...two, 'services/db/service.yml': 'on-delete: sometimes\n' });
    repository.commit({ 'services/db': null });
    const recorder = recordingReporter();
    const detection = await detect(repository, { base });
    const wishes = { cwd: repository.path, base, since: 'event', event: { event: undefined } } as const;
    const { removals: found, unreadable } = await planRemovals(wishes, detection, recorder);
    expect(found).toEqual([]);
    expect(unreadable).toMatchObject([{ service: 'db', why: expect.stringContaining('on-delete') }]);
    expect(recorder.warnings.join('\n')).toContain('"db"');
  });
});
