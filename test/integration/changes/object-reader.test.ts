import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gitPlace } from '../../../src/adapters/git/command.ts';
import { objectReader } from '../../../src/adapters/git/object-reader.ts';
import {
  createRepository,
  type Repository,
  removeRepositories,
  temporaryFolder,
  useHermeticGit,
} from '../../support/repository.ts';
import { toolPath } from '../../support/tools.ts';

beforeAll(useHermeticGit);
afterAll(removeRepositories);

function repositoryWith(bytes: Buffer): { repository: Repository; blob: string } {
  const repository = createRepository();
  repository.commit({ file: bytes });
  return { repository, blob: repository.id('HEAD:file') };
}

describe('the object reader', () => {
  it('gives each answer to its question, however large, and nothing for what is not there', async () => {
    const large = Buffer.alloc(3_000_000, 'a line\n');
    const { repository, blob } = repositoryWith(large);
    const reader = objectReader(gitPlace(repository.path, false));
    const zeros = '0'.repeat(40);
    const names = ['HEAD', zeros, blob, 'no such name', 'a\nHEAD', '', '-x', `${blob} blob 12`, blob];
    const [objects, again] = await Promise.all([reader.readAll(names), reader.read('HEAD^{tree}')]);
    expect(objects.map((object) => object?.type)).toEqual([
      'commit',
      undefined,
      'blob',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      'blob',
    ]);
    expect(objects[2]?.data.equals(large)).toBe(true);
    expect(objects[8]?.data.equals(large)).toBe(true);
    expect(again?.type).toBe('tree');
    expect(await reader.readAll([])).toEqual([]);
    await reader.close();
    await expect(reader.read('HEAD')).rejects.toMatchObject({ code: 'BASE_UNAVAILABLE' });
  });

  it('works with a git that is too old for buffered answers', async () => {
    const { repository, blob } = repositoryWith(Buffer.from('text'));
    const folder = temporaryFolder();
    const script = `#!/bin/sh\ncase "$*" in *--batch-command*) echo "error: unknown option" >&2; exit 129;; esac\nexec ${toolPath('git')} "$@"\n`;
    writeFileSync(join(folder, 'git'), script);
    chmodSync(join(folder, 'git'), 0o755);
    const place = gitPlace(repository.path, false);
    const reader = objectReader({
      ...place,
      env: { ...place.env, PATH: `${folder}:${process.env['PATH']}` },
    });
    const objects = await reader.readAll(['HEAD', blob]);
    expect(objects.map((object) => object?.type)).toEqual(['commit', 'blob']);
    expect((await reader.read(blob))?.data.toString()).toBe('text');
    await reader.close();
  });

  it('says why nothing can be read', async () => {
    const place = gitPlace(temporaryFolder(), false);
    await expect(objectReader(place).read('HEAD')).rejects.toMatchObject({
      code: 'BASE_UNAVAILABLE',
      message: expect.stringContaining('not a git repository'),
    });
    const nowhere = { ...place, env: { PATH: '/nonexistent' } };
    await expect(objectReader(nowhere).read('HEAD')).rejects.toMatchObject({
      message: expect.stringContaining('git is not installed'),
    });
  });
});
