// Which state each event is compared with, in clones as actions/checkout makes them.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { detect, pushEvent } from '../../support/detecting.ts';
import {
  type CloneOptions,
  createRepository,
  type Files,
  type Repository,
  removeRepositories,
  useHermeticGit,
} from '../../support/repository.ts';

beforeAll(useHermeticGit);
afterAll(removeRepositories);

const three: Files = {
  'services/api/deploy.sh': 'api',
  'services/db/deploy.sh': 'db',
  'services/web/deploy.sh': 'web',
};
const everyService = ['api', 'db', 'web'];

interface World {
  readonly desk: Repository;
  readonly origin: Repository;
  readonly start: string;
}

/** Three services on main, pushed to a bare origin. */
function world(objectFormat: 'sha1' | 'sha256' = 'sha1'): World {
  const desk = createRepository({ objectFormat });
  const start = desk.commit(three);
  return { desk, start, origin: desk.bareOrigin() };
}

function push(desk: Repository, ...refs: string[]): void {
  desk.git('push', '--quiet', '--force', 'origin', ...refs);
}

/** Takes one object out of a repository whose objects are in packs. */
function loseObject(repository: Repository, id: string): void {
  const folder = join(repository.path, 'objects/pack');
  for (const name of readdirSync(folder).filter((it) => it.endsWith('.pack'))) {
    const pack = readFileSync(join(folder, name));
    for (const ending of ['pack', 'idx', 'rev'])
      rmSync(join(folder, name.replace(/pack$/, ending)), { force: true });
    execFileSync('git', ['unpack-objects', '-q'], { cwd: repository.path, input: pack });
  }
  rmSync(join(repository.path, 'objects', id.slice(0, 2), id.slice(2)));
}

const clones: [string, Pick<CloneOptions, 'depth' | 'filter'>][] = [
  ['depth 1', { depth: 1 }],
  ['a full clone', {}],
  ['a clone without blobs', { filter: 'blob:none' }],
];

/** As actions/checkout has it: one commit, and with the whole history all branches and tags. */
function checkout(origin: Repository, ref: string, options: CloneOptions): Repository {
  const clone = origin.clone({ ...options, ref });
  if (options.depth === undefined) {
    clone.git(
      'fetch',
      '--quiet',
      'origin',
      '+refs/heads/*:refs/remotes/origin/*',
      '+refs/tags/*:refs/tags/*',
    );
  }
  return clone;
}

describe.each(clones)('in %s', (_name, options) => {
  it('compares a push of many commits with the commit before it', async () => {
    const { desk, origin, start } = world();
    desk.commit({ 'services/web/a': 'x' });
    for (let count = 0; count < 60; count += 1) desk.commit({ 'services/api/count': String(count) });
    push(desk, 'main');
    const clone = checkout(origin, 'main', options);
    const detection = await detect(clone, { event: pushEvent({ before: start, forced: false }) });
    expect(detection).toMatchObject({ services: ['api', 'web'], base: start, head: desk.id(), warnings: [] });
  });

  it('compares a pull request with the first parent of its merge commit, however old its payload is', async () => {
    const { desk, origin, start } = world();
    desk.branch('feature');
    const head = desk.commit({ 'services/web/a': 'x' });
    desk.checkout('main');
    const newer = desk.commit({ 'services/db/a': 'x' });
    desk.branch('merge', 'main');
    const merge = desk.merge('feature');
    push(desk, 'main', 'feature', 'merge:refs/pull/1/merge');
    const clone = checkout(origin, 'refs/pull/1/merge', options);
    const event = { event: 'pull_request', commit: merge, pullRequest: { base: start, head } };
    expect(await detect(clone, { event })).toMatchObject({ services: ['web'], base: newer, warnings: [] });
  });

  it('compares the head of a pull request with its merge base, when that is checked out', async () => {
    const { desk, origin, start } = world();
    desk.branch('feature');
    desk.commit({ 'services/web/a': 'x' });
    desk.checkout('main');
    const taken = desk.commit({ 'services/db/a': 'x' });
    desk.checkout('feature');
    const head = desk.merge('main');
    desk.checkout('main');
    desk.commit({ 'services/api/a': 'x' });
    desk.branch('merge', 'main');
    const merge = desk.merge('feature');
    push(desk, 'main', 'feature', 'merge:refs/pull/1/merge');
    const clone = checkout(origin, 'feature', options);
    const event = { event: 'pull_request', commit: merge, pullRequest: { base: start, head } };
    expect(await detect(clone, { event })).toMatchObject({ services: ['web'], base: taken, head });
  });

  it('compares a merge group with its base', async () => {
    const { desk, origin, start } = world();
    desk.commit({ 'services/web/a': 'x' });
    desk.commit({ 'services/db/a': 'x' });
    push(desk, 'main:gh-readonly-queue/main/pr-1');
    const clone = checkout(origin, 'gh-readonly-queue/main/pr-1', options);
    const event = {
      event: 'merge_group',
      branch: 'gh-readonly-queue/main/pr-1',
      mergeGroup: { base: start },
    };
    expect(await detect(clone, { event })).toMatchObject({ services: ['db', 'web'], base: start });
  });

  it('compares the first push of a branch with its merge base with the default branch', async () => {
    const { desk, origin, start } = world();
    desk.branch('feature');
    for (let count = 0; count < 70; count += 1) desk.commit({ 'services/web/count': String(count) });
    desk.checkout('main');
    desk.commit({ 'services/api/a': 'x' });
    push(desk, 'main', 'feature');
    const clone = checkout(origin, 'feature', options);
    const event = pushEvent({ forced: false }, { branch: 'feature' });
    expect(await detect(clone, { event })).toMatchObject({ services: ['web'], base: start, warnings: [] });
  });

  it('counts everything in the first push of the default branch, without alarm', async () => {
    const { origin } = world();
    const clone = checkout(origin, 'main', options);
    const detection = await detect(clone, { event: pushEvent({ forced: false }) });
    expect(detection).toMatchObject({ services: everyService, base: undefined, warnings: [] });
  });

  it('compares a forced push with the commit that was there, while the server has it', async () => {
    const { desk, origin, start } = world();
    const before = desk.commit({ 'services/web/a': 'x' });
    push(desk, 'main');
    desk.git('reset', '--quiet', '--hard', start);
    desk.commit({ 'services/db/a': 'x' });
    push(desk, 'main');
    const clone = checkout(origin, 'main', options);
    const event = pushEvent({ before, forced: true });
    expect(await detect(clone, { event })).toMatchObject({
      services: ['db', 'web'],
      base: before,
      warnings: [],
    });
    origin.git('reflog', 'expire', '--expire=now', '--all');
    origin.git('gc', '--quiet', '--prune=now');
    const gone = await detect(checkout(origin, 'main', options), { event });
    expect(gone).toMatchObject({ services: everyService, base: undefined });
    expect(gone.warnings).toEqual([
      `The commit ${before.slice(0, 12)} is no longer on the server. Every service counts as changed.`,
    ]);
  });

  it('compares a tag with the nearest earlier one that is an ancestor', async () => {
    const { desk, origin } = world();
    desk.git('tag', 'v1');
    const second = desk.commit({ 'services/api/a': 'x' });
    desk.git('tag', '--annotate', '--message=second', 'v2');
    desk.branch('aside');
    desk.commit({ 'services/db/a': 'x' });
    desk.git('tag', 'v2.1-aside');
    desk.checkout('main');
    desk.commit({ 'services/web/a': 'x' });
    desk.git('tag', 'v3');
    desk.git('tag', 'v3.0.0');
    push(desk, 'main', 'aside', '--tags');
    const event = { event: 'push', tag: 'v3', push: { forced: false } };
    expect(await detect(checkout(origin, 'refs/tags/v3', options), { event })).toMatchObject({
      services: ['web'],
      base: second,
      warnings: [],
    });
    expect(
      await detect(checkout(origin, 'refs/tags/v1', options), { event: { ...event, tag: 'v1' } }),
    ).toMatchObject({
      services: everyService,
      base: undefined,
    });
  });

  it('compares the re-run of an old push as it was then', async () => {
    const { desk, origin, start } = world();
    const old = desk.commit({ 'services/web/a': 'x' });
    desk.commit({ 'services/db/a': 'x' });
    push(desk, 'main');
    const clone = checkout(origin, old, options);
    const event = pushEvent({ before: start, forced: false });
    expect(await detect(clone, { event })).toMatchObject({ services: ['web'], base: start, head: old });
  });

  it('compares a dispatch on another branch with the merge base', async () => {
    const { desk, origin, start } = world();
    desk.branch('feature');
    desk.commit({ 'services/web/a': 'x' });
    desk.commit({ 'services/api/a': 'x' });
    push(desk, 'feature');
    const clone = checkout(origin, 'feature', options);
    const event = { event: 'workflow_dispatch', branch: 'feature', defaultBranch: 'main' };
    expect(await detect(clone, { event })).toMatchObject({ services: ['api', 'web'], base: start });
  });

  it('counts everything where histories are unrelated, and says so', async () => {
    const { desk, origin } = world();
    desk.git('checkout', '--quiet', '--orphan', 'other');
    desk.commit({ 'services/web/a': 'x' });
    push(desk, 'other');
    const clone = checkout(origin, 'other', options);
    const detection = await detect(clone, { event: pushEvent({ forced: false }, { branch: 'other' }) });
    expect(detection).toMatchObject({ services: everyService, base: undefined });
    expect(detection.warnings).toEqual([expect.stringContaining('shares no history')]);
  });

  it('fetches the base that a person asks for', async () => {
    const { desk, origin, start } = world();
    desk.commit({ 'services/web/a': 'x' });
    push(desk, 'main');
    const clone = checkout(origin, 'main', options);
    expect(await detect(clone, { base: start })).toMatchObject({ services: ['web'], base: start });
    const wrong = await detect(clone, { base: '--upload-pack=touch /tmp/x' });
    expect(wrong).toMatchObject({ services: everyService, base: undefined });
    expect(wrong.warnings).toEqual([expect.stringContaining('is no commit of this repository')]);
  });

  it('reads a service whose content lies elsewhere from a fetched base', async () => {
    const { desk, origin } = world();
    const base = desk.commit({
      'launch.yml': 'services: [services/*, apps/*]\n',
      'services/web/service.yml': 'ignore: ["*.md"]\ninputs: [../../shared/**]\n',
      'apps/x/deploy.sh': 'x',
      'services/linked': { symlink: '../extra' },
      'extra/deploy.sh': 'x',
    });
    desk.commit({ 'launch.yml': 'services: [services/*]\n', 'services/web/a.md': 'x', 'shared/a': 'x' });
    push(desk, 'main');
    const clone = checkout(origin, 'main', options);
    expect(await detect(clone, { base })).toMatchObject({ services: ['web'], deleted: ['x'], warnings: [] });
  });
});

describe('a shallow clone', () => {
  it('stays as it is: no configuration, no history, no objects, nothing left behind', async () => {
    const { desk, origin, start } = world();
    desk.branch('feature');
    for (let count = 0; count < 60; count += 1) desk.commit({ 'services/web/count': String(count) });
    push(desk, 'feature');
    const clone = checkout(origin, 'feature', { depth: 1 });
    const state = () => ({
      config: clone.config(),
      shallow: readFileSync(join(clone.path, '.git/shallow'), 'utf8'),
      objects: clone.git('count-objects', '-v'),
      refs: clone.git('for-each-ref'),
      files: readdirSync(join(clone.path, '.git')).sort(),
      temporary: readdirSync(tmpdir()).filter((name) => name.startsWith('launch-git-')).length,
    });
    const before = state();
    const event = pushEvent({ forced: false }, { branch: 'feature' });
    expect(await detect(clone, { event })).toMatchObject({ services: ['web'], base: start });
    expect(state()).toEqual(before);
  });

  it('fetches no file of the base, whatever differs', async () => {
    const { desk, origin, start } = world();
    desk.commit({ 'services/web/deploy.sh': 'changed', 'services/web/service.yml': 'ignore: ["*.md"]\n' });
    push(desk, 'main');
    const clone = checkout(origin, 'main', { depth: 1 });
    // The server has lost the old file: a fetch of it would end the comparison.
    const blob = origin.git('rev-parse', `${start}:services/web/deploy.sh`);
    loseObject(origin, blob);
    expect(await detect(clone, { base: start })).toMatchObject({ services: ['web'], warnings: [] });
  });

  it('does without filters where the server has none, or forbids them', async () => {
    for (const [key, value] of [
      ['uploadpack.allowFilter', 'false'],
      ['uploadpackfilter.allow', 'false'],
    ] as const) {
      const { desk, origin, start } = world();
      desk.branch('feature');
      desk.commit({ 'services/web/a': 'x' });
      push(desk, 'feature');
      origin.git('config', key, value);
      const clone = checkout(origin, 'feature', { depth: 1 });
      expect(await detect(clone, { base: start })).toMatchObject({
        services: ['web'],
        base: start,
        warnings: [],
      });
      const event = pushEvent({ forced: false }, { branch: 'feature' });
      expect(await detect(clone, { event })).toMatchObject({ services: ['web'], base: start, warnings: [] });
    }
  });

  it('counts everything where the server can not be reached, and says why', async () => {
    const { desk, origin, start } = world();
    desk.commit({ 'services/web/a': 'x' });
    push(desk, 'main');
    const clone = checkout(origin, 'main', { depth: 1 });
    clone.git('remote', 'set-url', 'origin', 'http://user:hunter2@127.0.0.1:9/gone.git');
    const detection = await detect(clone, { event: pushEvent({ before: start, forced: false }) });
    expect(detection).toMatchObject({ services: everyService, base: undefined });
    expect(detection.warnings).toEqual([
      expect.stringMatching(/could not be fetched .*Every service counts/),
    ]);
    expect(JSON.stringify(detection)).not.toContain('hunter2');
    clone.git('remote', 'remove', 'origin');
    const alone = await detect(clone, { event: pushEvent({ before: start, forced: false }) });
    expect(alone.warnings).toEqual([expect.stringContaining('no remote')]);
  });

  it('works with SHA-256 ids', async () => {
    const { desk, origin, start } = world('sha256');
    desk.branch('feature');
    desk.commit({ 'services/web/a': 'x' });
    push(desk, 'feature');
    const clone = checkout(origin, 'feature', { depth: 1 });
    const event = pushEvent({ forced: false }, { branch: 'feature' });
    expect(await detect(clone, { event })).toMatchObject({ services: ['web'], base: start, warnings: [] });
  });
});

describe('at a terminal', () => {
  it('compares with the default branch, and on it with nothing', async () => {
    const { desk, origin, start } = world();
    const clone = origin.clone();
    clone.branch('feature');
    clone.commit({ 'services/web/a': 'x' });
    expect(await detect(clone)).toMatchObject({ services: ['web'], base: start, warnings: [] });
    clone.checkout('main');
    expect(await detect(clone)).toMatchObject({ services: everyService, base: undefined, warnings: [] });
    desk.git('remote', 'remove', 'origin');
    expect(await detect(desk)).toMatchObject({ services: everyService, warnings: [] });
  });

  it('refuses a folder that is no checkout, and a head that is none', async () => {
    const { desk } = world();
    await expect(detect(desk, { cwd: '/' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(detect(desk, { cwd: join(desk.path, 'nothing') })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    await expect(detect(desk, { head: 'nothing' })).rejects.toMatchObject({ code: 'BASE_UNAVAILABLE' });
    expect(existsSync('/tmp/x')).toBe(false);
  });
});
