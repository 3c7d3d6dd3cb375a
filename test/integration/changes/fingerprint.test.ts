// The fingerprint of a service, read from real commits.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gitPlace } from '../../../src/adapters/git/command.ts';
import { commitView } from '../../../src/adapters/git/commit-view.ts';
import { objectReader } from '../../../src/adapters/git/object-reader.ts';
import { findFolder, loadProject } from '../../../src/core/project/project.ts';
import { loadService } from '../../../src/core/project/service.ts';
import { fingerprintService } from '../../../src/operations/fingerprint-service.ts';
import {
  createRepository,
  type Files,
  type Repository,
  removeRepositories,
  useHermeticGit,
} from '../../support/repository.ts';

beforeAll(useHermeticGit);
afterAll(removeRepositories);

const before: Files = {
  'launch.yml':
    'targets: {a: {runs-on: x}, b: {runs-on: y}}\ndefaults: {target: a}\nshared: [{paths: [lib/**], services: [web]}]\n',
  'services/web/deploy.sh': 'x',
  'services/web/service.yml': 'inputs: [../../shared/*.js]\nignore: ["*.md"]\n',
  'services/web/README.md': 'x',
  'shared/a.js': 'x',
  'lib/a.sh': 'x',
};

async function fingerprint(repository: Repository, target?: string): Promise<string> {
  const reader = objectReader(gitPlace(repository.path, false));
  try {
    const project = await loadProject(commitView(reader, repository.id()), { root: '' });
    const service = await loadService(project, findFolder(project, 'web'));
    const placement = service.placements.find((it) => target === undefined || it.target.name === target);
    if (placement === undefined) throw new Error('web has no target');
    return await fingerprintService(project, service, placement);
  } finally {
    await reader.close();
  }
}

describe('a fingerprint', () => {
  it.each<[string, Files, boolean]>([
    ['a file of it', { 'services/web/deploy.sh': 'y' }, true],
    ['the mode of a file', { 'services/web/deploy.sh': { executable: 'x' } }, true],
    ['its settings', { 'services/web/service.yml': 'env: {A: b}\n' }, true],
    ['one of its inputs', { 'shared/a.js': 'y' }, true],
    ['a new one of its inputs', { 'shared/b.js': 'y' }, true],
    ['a shared path', { 'lib/b.sh': 'y' }, true],
    ['its target', { 'launch.yml': String(before['launch.yml']).replace('runs-on: x', 'runs-on: z') }, true],
    ['an ignored file', { 'services/web/README.md': 'y' }, false],
    [
      'another target',
      { 'launch.yml': String(before['launch.yml']).replace('runs-on: y', 'runs-on: z') },
      false,
    ],
    ['anything else', { 'shared/a.ts': 'y', 'services/api/deploy.sh': 'y' }, false],
  ])('answers a change of %s', async (_name, change, changes) => {
    const repository = createRepository();
    repository.commit(before);
    const first = await fingerprint(repository);
    repository.commit(change);
    expect((await fingerprint(repository)) !== first).toBe(changes);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, string, { a: boolean; b: boolean }]>([
    ['what differs on one target', 'targets: {a: {}, b: {env: {LEVEL: warn}}}', { a: false, b: true }],
    ['an address of one target', 'targets: {a: {url: "https://a.example"}, b: {}}', { a: true, b: false }],
    ['checks of one target', 'targets: {a: {health: [{tcp: "x:1"}]}, b: {}}', { a: true, b: false }],
    ['a further target', 'targets: {a: {}, b: {}, c: {}}', { a: false, b: false }],
    ['how it is written', '# For all\ntargets:\n  b:\n  a:\n', { a: false, b: false }],
    ['what holds on all targets', 'env: {A: b}\ntargets: {a: {}, b: {}}', { a: true, b: true }],
    ['its address', 'url: "https://a.example"\ntargets: {a: {}, b: {}}', { a: true, b: true }],
    ['a file of it', 'targets: {a: {}, b: {}}', { a: true, b: true }],
  ])('of a target answers a change of %s', async (name, manifest, changes) => {
    const repository = createRepository();
    const launch = 'targets: {a: {runs-on: x}, b: {runs-on: y}, c: {runs-on: z}}\n';
    const path = 'services/web/service.yml';
    repository.commit({
      'launch.yml': launch,
      'services/web/deploy.sh': 'x',
      [path]: 'targets: {a: {}, b: {}}',
    });
    const first = { a: await fingerprint(repository, 'a'), b: await fingerprint(repository, 'b') };
    repository.commit({
      [path]: `${manifest}\n`,
      ...(name === 'a file of it' ? { 'services/web/deploy.sh': 'y' } : {}),
    });
    expect({
      a: (await fingerprint(repository, 'a')) !== first.a,
      b: (await fingerprint(repository, 'b')) !== first.b,
    }).toEqual(changes);
  });
});
