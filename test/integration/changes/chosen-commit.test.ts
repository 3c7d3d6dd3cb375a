// A commit that a person chose to deploy, in clones as actions/checkout makes them.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { detect } from '../../support/detecting.ts';
import { createRepository, removeRepositories, useHermeticGit } from '../../support/repository.ts';

beforeAll(useHermeticGit);
afterAll(removeRepositories);

/** A main branch of four commits, a merged and an unmerged branch, a tag, and a commit that only a fork has. */
function world() {
  const desk = createRepository();
  const start = desk.commit({ 'services/api/deploy.sh': '1', 'services/old/deploy.sh': '1' }, 'start');
  const origin = desk.bareOrigin();
  const second = desk.commit({ 'services/api/deploy.sh': '2' }, 'second');
  desk.git('tag', '--annotate', '--message=x', 'v1.0', second);
  desk.git('branch', 'merged/topic', second);
  desk.git('checkout', '--quiet', '-b', 'unmerged', second);
  const stray = desk.commit({ 'services/api/deploy.sh': 'stray' }, 'stray');
  desk.git('checkout', '--quiet', '-b', 'fork', second);
  const forked = desk.commit({ 'services/api/deploy.sh': 'evil' }, 'forked');
  desk.git('checkout', '--quiet', '-B', 'main', second);
  desk.git('rm', '-r', '--quiet', 'services/old');
  const tip = desk.commit({ 'services/api/deploy.sh': '3' }, 'tip');
  desk.git('push', '--quiet', '--force', 'origin', 'main', 'merged/topic', 'unmerged', 'v1.0');
  // As GitHub keeps it: reachable by its id, under no branch of the repository.
  desk.git('push', '--quiet', 'origin', 'fork:refs/pull/7/head');
  return { origin, start, second, stray, forked, tip };
}

const { origin, start, second, stray, forked, tip } = (() => {
  useHermeticGit();
  return world();
})();

describe.each([
  ['depth 1', { depth: 1 }],
  ['a full clone', {}],
] as const)('with %s', (_name, limits) => {
  const clone = () => origin.clone({ ref: tip, ...limits });
  const choose = async (commit: string, services: 'all' | readonly string[] = 'all') =>
    await detect(clone(), { commit, services });

  it.each([
    ['its id', start, start],
    ['its id in capitals', start.toUpperCase(), start],
    ['the beginning of its id', second.slice(0, 9), second],
    ['a tag', 'v1.0', second],
    ['a branch that was merged', 'merged/topic', second],
    ['the newest', tip, tip],
  ])('takes %s', async (_how, asked, commit) => {
    const found = await choose(asked);
    expect(found).toMatchObject({ head: commit, chosen: true });
    // What it holds is read from it, and not from what is checked out.
    expect(found.services).toEqual(commit === tip ? ['api'] : ['api', 'old']);
  });

  it.each([
    ['a commit of a fork', forked],
    ['a commit that was never merged', stray],
    ['a branch that was never merged', 'unmerged'],
  ])('refuses %s', async (_what, asked) => {
    await expect(choose(asked)).rejects.toMatchObject({
      code: 'UNTRUSTED_EVENT',
      message: expect.stringMatching(/is not part of the history.*the `commit` input/),
    });
  });

  it.each([
    'nothing-like-it',
    'f'.repeat(40),
    'dead',
    '--upload-pack=touch /tmp/owned',
    '-x',
    '$(touch /tmp/owned)',
    'main; rm -rf ~',
    'v1.0^{/x}',
    'main..v1.0',
    'HEAD~1',
    ':/second',
    '@{upstream}',
    '../../etc/passwd',
    'v1.0\u0000',
    'v1.0\n::set-output name=x::y',
    '..',
    '*',
    ' ',
  ])('refuses %j, which is no name of one', async (asked) => {
    const error = await choose(asked).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expect.stringMatching(/^(BASE_UNAVAILABLE|UNTRUSTED_EVENT)$/) });
    expect(String(error)).not.toContain('\n');
  });
});

describe('a chosen commit', () => {
  it('says which services, and goes with no other head', async () => {
    const clone = origin.clone({ ref: tip, depth: 1 });
    await expect(detect(clone, { commit: start })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/not what to deploy of it.*`services`/),
    });
    await expect(detect(clone, { commit: start, head: tip, services: 'all' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    // One that it does not have.
    expect((await detect(clone, { commit: start, services: ['old'] })).services).toEqual(['old']);
    await expect(detect(clone, { commit: tip, services: ['old'] })).rejects.toMatchObject({
      code: 'SERVICE_NOT_FOUND',
    });
  });

  it('leaves the checkout as it is', async () => {
    const clone = origin.clone({ ref: tip, depth: 1 });
    const before = [clone.config(), clone.git('rev-parse', 'HEAD'), clone.git('for-each-ref')];
    await detect(clone, { commit: start.slice(0, 10), services: 'all' });
    expect([clone.config(), clone.git('rev-parse', 'HEAD'), clone.git('for-each-ref')]).toEqual(before);
  });
});
