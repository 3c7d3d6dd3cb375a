// What counts as a change of a service, on real repositories.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { detect, files, kinds } from '../../support/detecting.ts';
import {
  createRepository,
  type Files,
  type Repository,
  removeRepositories,
  useHermeticGit,
} from '../../support/repository.ts';

beforeAll(useHermeticGit);
afterAll(removeRepositories);

const three: Files = {
  'README.md': 'read me',
  'services/api/compose.yaml': 'services: {}',
  'services/db/compose.yaml': 'services: {}',
  'services/web/compose.yaml': 'services: {}',
  'services/web/src/index.html': 'hello',
};

/** What changed between a commit with `before` and one with `after` on top. */
async function change(before: Files, after: Files, repository: Repository = createRepository()) {
  const base = repository.commit(before);
  repository.commit(after);
  return await detect(repository, { base });
}

describe('files of a service', () => {
  it('names the service whose file changed, and the file', async () => {
    const detection = await change(three, { 'services/web/src/index.html': 'bye', 'README.md': 'again' });
    expect(detection).toMatchObject({ services: ['web'], deleted: [], total: 3, warnings: [] });
    expect(detection.reasons['web']).toEqual([
      {
        kind: 'files',
        text: 'services/web/src/index.html changed',
        files: ['services/web/src/index.html'],
        count: 1,
      },
    ]);
  });

  it('finds nothing when only other files changed', async () => {
    expect(
      await change(three, { 'README.md': 'x', 'services/README.md': 'x', 'docs/a.md': 'x' }),
    ).toMatchObject({
      services: [],
      deleted: [],
      reasons: {},
    });
  });

  it('tells one deleted file, a deleted service and a new one apart', async () => {
    const detection = await change(three, {
      'services/web/src/index.html': null,
      'services/db': null,
      'services/mail/deploy.sh': { executable: '#!/bin/sh\n' },
    });
    expect(detection).toMatchObject({ services: ['mail', 'web'], deleted: ['db'] });
    expect(kinds(detection, 'mail')).toEqual(['new']);
    expect(detection.reasons['web']).toMatchObject([{ text: 'services/web/src/index.html deleted' }]);
  });

  it('takes a renamed service for a new and a deleted one', async () => {
    const repository = createRepository();
    const base = repository.commit(three);
    repository.git('mv', 'services/web', 'services/site');
    repository.commit();
    expect(await detect(repository, { base })).toMatchObject({ services: ['site'], deleted: ['web'] });
  });

  it('takes a folder that is no service any more for deleted', async () => {
    const detection = await change(three, { 'services/web/compose.yaml': null });
    expect(detection).toMatchObject({ services: [], deleted: ['web'] });
  });

  it('sees a file that was moved from one service to another in both', async () => {
    const detection = await change(three, {
      'services/web/src': null,
      'services/api/src/index.html': 'hello',
    });
    expect(detection.services).toEqual(['api', 'web']);
  });

  it('sees a changed mode, and a file that became a symlink', async () => {
    const script = { 'services/api/run.sh': 'x', 'services/web/link': 'target' };
    const detection = await change(
      { ...three, ...script },
      { 'services/api/run.sh': { executable: 'x' }, 'services/web/link': { symlink: 'target' } },
    );
    expect(detection.services).toEqual(['api', 'web']);
    expect(files(detection, 'web')).toEqual(['services/web/link']);
  });

  it('sees a file that became a folder, and the other way round', async () => {
    const detection = await change(
      { ...three, 'services/api/data': 'x', 'services/web/data/x': 'y' },
      {
        'services/api/data': null,
        'services/api/data/x': 'y',
        'services/web/data': null,
        'services/web/data/x': null,
        'services/web/./data': 'x',
      },
    );
    expect(files(detection, 'api')).toEqual(['services/api/data', 'services/api/data/x']);
    expect(files(detection, 'web')).toEqual(['services/web/data', 'services/web/data/x']);
  });

  it('copes with any bytes in a name', async () => {
    const repository = createRepository();
    const base = repository.commit(three);
    const names = [
      'new\nline',
      'tab\there',
      'quo"te',
      "apo'strophe",
      'back\\slash',
      'é',
      '日本',
      ' space ',
      '-option',
      '$(x)',
    ];
    for (const name of names) repository.write({ [`services/web/${name}`]: 'x' });
    const folder = Buffer.from(join(repository.path, 'services/api/'));
    writeFileSync(Buffer.concat([folder, Buffer.from([0x66, 0xff, 0xc3])]), 'x');
    repository.commit();
    const detection = await detect(repository, { base });
    expect(detection.services).toEqual(['api', 'web']);
    expect(new Set(files(detection, 'web'))).toEqual(new Set(names.map((name) => `services/web/${name}`)));
    expect(files(detection, 'api')).toEqual(['services/api/f\udcff\udcc3']);
    expect(JSON.parse(JSON.stringify(detection.reasons))).toEqual(detection.reasons);
  });

  it('lists the first files and counts on, up to a limit', async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`services/web/f${index}`, 'x']));
    const some = await change(three, many(30));
    expect(some.reasons['web']).toMatchObject([{ kind: 'files', count: 30 }]);
    expect(files(some, 'web')).toHaveLength(20);
    expect((await change(three, many(4100))).reasons['web']).toMatchObject([{ count: 100, more: true }]);
  });
});

describe('service folders', () => {
  it('refuses an invalid name, at its place', async () => {
    await expect(change(three, { 'services/web(1)/deploy.sh': 'x' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      place: { file: 'services/web(1)' },
    });
  });

  it('lets an invalid name of the past be corrected', async () => {
    const detection = await change(
      { ...three, 'services/Web(1)/deploy.sh': 'x' },
      { 'services/Web(1)': null, 'services/web-1/deploy.sh': 'x' },
    );
    expect(detection.services).toEqual(['api', 'db', 'web', 'web-1']);
    expect(detection.warnings).toEqual([expect.stringContaining('Web(1)')]);
    expect(detection.base).toBeUndefined();
  });

  it('follows a service that is a symlink', async () => {
    const linked: Files = {
      ...three,
      'apps/shop/compose.yaml': 'services: {}',
      'apps/other/compose.yaml': 'services: {}',
      'services/shop': { symlink: '../apps/shop' },
    };
    const content = await change(linked, { 'apps/shop/page': 'x' });
    expect(files(content, 'shop')).toEqual(['apps/shop/page']);
    expect(content.services).toEqual(['shop']);
    const target = await change(linked, { 'services/shop': { symlink: '../apps/other' } });
    expect(target.services).toEqual(['shop']);
    const real = await change(linked, {
      'services/shop': null,
      'services/shop/compose.yaml': 'services: {}',
    });
    expect(kinds(real, 'shop')).toContain('moved');
  });

  it('sees a submodule that is bumped', async () => {
    const library = createRepository();
    const first = library.commit({ 'compose.yaml': 'services: {}' });
    const second = library.commit({ 'compose.yaml': 'services: {a: {}}' });
    const repository = createRepository();
    repository.commit(three);
    repository.git('submodule', '--quiet', 'add', library.url, 'services/lib');
    const at = (commit: string) => {
      repository.git('-C', 'services/lib', 'checkout', '--quiet', commit);
      return repository.commit();
    };
    const base = at(first);
    at(second);
    const detection = await detect(repository, { base });
    expect(detection).toMatchObject({ services: ['lib'], deleted: [] });
    expect(files(detection, 'lib')).toEqual(['services/lib']);
  });

  it('finds services by nested globs', async () => {
    const nested: Files = {
      'launch.yml': 'services: ["apps/**", "services/*/backend"]\n',
      'apps/team/shop/compose.yaml': 'x',
      'apps/blog/compose.yaml': 'x',
      'apps/blog/inner/compose.yaml': 'x',
      'services/pay/backend/deploy.sh': 'x',
    };
    const detection = await change(nested, {
      'apps/team/shop/a': 'x',
      'apps/blog/inner/a': 'x',
      'services/pay/frontend/a': 'x',
    });
    expect(detection).toMatchObject({ services: ['blog', 'shop'], total: 3 });
  });

  it('reports a service that is not enabled like any other', async () => {
    const detection = await change(
      { ...three, 'services/web/service.yml': 'enabled: false\n' },
      { 'services/web/src/index.html': 'bye' },
    );
    expect(detection.services).toEqual(['web']);
  });

  it('handles a thousand services', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `s${String(index).padStart(4, '0')}`);
    const all = Object.fromEntries(names.map((name) => [`services/${name}/deploy.sh`, `echo ${name}`]));
    const detection = await change(all, { 'services/s0007/deploy.sh': 'x', 'services/s0999/new': 'x' });
    expect(detection).toMatchObject({ services: ['s0007', 's0999'], total: 1000 });
  });
});

describe('ignore, inputs and shared', () => {
  const settings = (text: string): Files => ({ ...three, 'services/web/service.yml': text });

  it('ignores what service.yml says, unless something else changed, too', async () => {
    const ignoring = settings('ignore: ["**/*.md", "docs/**"]\n');
    const ignored = { 'services/web/README.md': 'x', 'services/web/docs/a\nb/.hidden': 'x' };
    expect((await change(ignoring, ignored)).services).toEqual([]);
    expect((await change({ ...ignoring, ...ignored }, { 'services/web/README.md': null })).services).toEqual(
      [],
    );
    const both = await change(ignoring, { ...ignored, 'services/web/src/index.html': 'bye' });
    expect(files(both, 'web')).toEqual(['services/web/src/index.html']);
    expect((await change(ignoring, { 'services/api/README.md': 'x' })).services).toEqual(['api']);
  });

  it('never ignores the settings themselves', async () => {
    const detection = await change(settings('ignore: ["**"]\n'), {
      'services/web/service.yml': 'ignore: ["**"]\nenv: {A: b}\n',
    });
    expect(detection.services).toEqual(['web']);
  });

  it('counts inputs as part of the service', async () => {
    const withInput = {
      ...settings('inputs: [../../shared/**, ../../VERSION, "../../lib/*.js"]\n'),
      'shared/a/b': 'x',
      VERSION: '1',
    };
    for (const file of ['shared/a/b', 'shared/new\nline', 'VERSION', 'lib/new.js']) {
      const detection = await change(withInput, { [file]: 'y' });
      expect(detection.services).toEqual(['web']);
      expect(kinds(detection, 'web')).toEqual(['input']);
      expect(files(detection, 'web')).toEqual([file]);
    }
    expect((await change(withInput, { 'lib/deep/x.js': 'y', 'sharedx/a': 'y' })).services).toEqual([]);
  });

  it('finds inputs however the key is written', async () => {
    const detection = await change(
      { ...settings('"\\x69nputs": ["../../shared/**"]\n'), 'shared/a': 'x' },
      { 'shared/a': 'y' },
    );
    expect(detection.services).toEqual(['web']);
  });

  it('counts a service whose service.yml is wrong as changed, and goes on', async () => {
    for (const text of ['inputs: [../../../outside]\n', 'inputs: {}\n', 'inputs: ["!a"]\n']) {
      const detection = await change(settings(text), { 'README.md': 'again' });
      expect(detection.services).toEqual(['web']);
      expect(kinds(detection, 'web')).toEqual(['settings']);
    }
  });

  it('redeploys what a shared path concerns', async () => {
    const shared = (services: string): Files => ({
      ...three,
      'launch.yml': `shared: [{ paths: [scripts/lib/**, Makefile], services: ${services} }]\n`,
      'scripts/lib/log.sh': 'x',
    });
    const all = await change(shared('"*"'), { 'scripts/lib/log.sh': 'y' });
    expect(all.services).toEqual(['api', 'db', 'web']);
    expect(all.reasons['api']).toMatchObject([{ kind: 'shared', files: ['scripts/lib/log.sh'] }]);
    expect((await change(shared('[db]'), { Makefile: 'y' })).services).toEqual(['db']);
    expect((await change(shared('"*"'), { 'scripts/other.sh': 'y' })).services).toEqual([]);
  });

  it('counts other settings from launch.yml for the services they concern', async () => {
    const before = {
      ...three,
      'launch.yml': 'targets: {a: {runs-on: x}, b: {runs-on: y}}\ndefaults: {target: a}\n',
      'services/db/target.txt': 'b\n',
    };
    const to = (launch: string) => change(before, { 'launch.yml': launch });
    const block = await to('targets: {a: {runs-on: x}, b: {runs-on: z}}\ndefaults: {target: a}\n');
    expect(block.services).toEqual(['db']);
    expect(kinds(block, 'db')).toEqual(['settings']);
    const fallback = await to('targets: {a: {runs-on: x}, b: {runs-on: y}}\ndefaults: {target: b}\n');
    expect(fallback.services).toEqual(['api', 'web']);
    const comment = await to(
      '# only a comment\ntargets: {a: {runs-on: x}, b: {runs-on: y}}\ndefaults: {target: a}\n',
    );
    expect(comment.services).toEqual([]);
  });
});

describe('repositories', () => {
  it('reads repositories with SHA-256 ids', async () => {
    const detection = await change(
      three,
      { 'services/web/a': 'x' },
      createRepository({ objectFormat: 'sha256' }),
    );
    expect(detection.services).toEqual(['web']);
    expect(detection.head).toHaveLength(64);
  });

  it('says that an empty repository is empty', async () => {
    expect(await detect(createRepository())).toMatchObject({ services: [], head: undefined, total: 0 });
  });

  it('works from a sub-folder, and for a project in one', async () => {
    const repository = createRepository();
    const project = Object.fromEntries(Object.entries(three).map(([path, text]) => [`infra/${path}`, text]));
    const base = repository.commit({ ...project, 'infra/launch.yml': 'services: services/*\n' });
    repository.commit({ 'infra/services/web/a': 'x', 'services.txt': 'x' });
    for (const folder of ['infra', 'infra/services', 'infra/services/web/src']) {
      expect(await detect(repository, { base, cwd: join(repository.path, folder) })).toMatchObject({
        services: ['web'],
        total: 3,
      });
    }
  });

  it('works in a worktree', async () => {
    const repository = createRepository();
    const base = repository.commit(three);
    repository.commit({ 'services/web/a': 'x' });
    repository.git('worktree', 'add', '--quiet', 'tree', 'HEAD');
    expect(await detect(repository, { base, cwd: join(repository.path, 'tree') })).toMatchObject({
      services: ['web'],
    });
  });

  it('compares unrelated histories and octopus merges as any two commits', async () => {
    const repository = createRepository();
    const base = repository.commit(three);
    for (const name of ['api', 'db', 'web']) {
      repository.branch(`feature-${name}`, 'main');
      repository.commit({ [`services/${name}/${name}`]: 'x' });
    }
    repository.checkout('main');
    repository.merge('feature-api', 'feature-db', 'feature-web');
    expect(repository.git('rev-list', '--parents', '-1', 'HEAD').split(' ')).toHaveLength(5);
    expect((await detect(repository, { base })).services).toEqual(['api', 'db', 'web']);
    expect((await detect(repository, { base: 'HEAD^2' })).services).toEqual(['db', 'web']);
    repository.git('checkout', '--quiet', '--orphan', 'other');
    repository.commit({ 'services/db': null });
    expect(await detect(repository, { base })).toMatchObject({ services: ['api', 'web'], deleted: ['db'] });
  });

  it('is not misled by what is in the working tree only', async () => {
    const repository = createRepository();
    const base = repository.commit(three);
    repository.commit({ 'services/web/a': 'x' });
    repository.write({ 'services/api/uncommitted': 'x' });
    mkdirSync(join(repository.path, 'services/empty'));
    expect((await detect(repository, { base })).services).toEqual(['web']);
  });

  it('counts everything when the base has a broken launch.yml, and says so', async () => {
    const detection = await change({ ...three, 'launch.yml': 'target: {' }, { 'launch.yml': '' });
    expect(detection.services).toEqual(['api', 'db', 'web']);
    expect(detection.warnings).toEqual([expect.stringContaining('launch.yml')]);
  });

  it('refuses a broken launch.yml of the head at its line', async () => {
    await expect(change(three, { 'launch.yml': '# a comment\n\nshard: x\n' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      place: { file: 'launch.yml', line: 3 },
    });
    await expect(
      change(three, { 'launch.yml': 'shared: [{paths: [../x], services: "*"}]\n' }),
    ).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('services asked for by name', () => {
  it('takes names or all, and compares with nothing', async () => {
    const repository = createRepository();
    repository.commit(three);
    expect(await detect(repository, { services: ['web', 'api', 'web'] })).toMatchObject({
      services: ['api', 'web'],
      base: undefined,
    });
    expect((await detect(repository, { services: 'all' })).services).toEqual(['api', 'db', 'web']);
    expect((await detect(repository, { services: [] })).services).toEqual([]);
  });

  it('refuses an unknown name with the nearest one', async () => {
    const repository = createRepository();
    repository.commit(three);
    for (const [name, hint] of [
      ['wep', /"web"/],
      ['../web', /"web"|Known/],
      ['', /Known|mean/],
    ] as const) {
      await expect(detect(repository, { services: [name] })).rejects.toMatchObject({
        code: 'SERVICE_NOT_FOUND',
        message: expect.stringMatching(hint),
      });
    }
  });
});
