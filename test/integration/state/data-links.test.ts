import { mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { compareContent } from '../../../src/adapters/snapshot/compare-content.ts';
import { assertDataThere, assertLinkable, linkData } from '../../../src/adapters/state/data-links.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';

afterAll(removeRepositories);

let base: string;
let state: string;
const place = 'data/services/s/data';
const from = () => join(base, 'old');
beforeEach(() => {
  base = temporaryFolder();
  state = join(base, 'state');
  mkdirSync(from());
  writeFileSync(join(from(), 'file'), 'kept');
});

describe('a link to data', () => {
  const link = () => ({ place, from: from() });

  it('is made, made once more, and made in place of an empty folder', async () => {
    const path = join(state, place);
    for (const before of ['nothing', 'the link', 'an empty folder']) {
      if (before === 'an empty folder') {
        rmSync(path);
        mkdirSync(path);
      }
      await linkData(state, link());
      expect(readlinkSync(path)).toBe(from());
      expect(readFileSync(join(path, 'file'), 'utf8')).toBe('kept');
    }
  });

  it('stands also for what is below it, and for a file', async () => {
    mkdirSync(join(from(), 'more'));
    await linkData(state, link());
    await linkData(state, { place: `${place}/more`, from: join(from(), 'more') });
    expect(readlinkSync(join(state, place))).toBe(from());
    await linkData(state, { place: 'data/db.sqlite', from: join(from(), 'file') });
    expect(readFileSync(join(state, 'data/db.sqlite'), 'utf8')).toBe('kept');
  });

  it.each<[string, () => void]>([
    ['a folder with data', () => writeFileSync(join(state, place, 'other'), 'precious')],
    [
      'a file',
      () => {
        rmSync(join(state, place), { recursive: true });
        writeFileSync(join(state, place), 'precious');
      },
    ],
    [
      'a link elsewhere',
      () => {
        rmSync(join(state, place), { recursive: true });
        symlinkSync(base, join(state, place));
      },
    ],
  ])('never takes the place of %s', async (_title, prepare) => {
    mkdirSync(join(state, place), { recursive: true });
    prepare();
    await expect(assertLinkable(state, link())).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(linkData(state, link())).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('that leads to nothing is an error, also on the way to what is below it', async () => {
    await linkData(state, link());
    await assertDataThere(state, [place, `${place}/new`, 'data/none']);
    rmSync(from(), { recursive: true });
    for (const below of [place, `${place}/new`]) {
      await expect(assertDataThere(state, [below])).rejects.toMatchObject({
        code: 'DEPLOY_FAILED',
        message: expect.stringContaining(`${from()} is not there any more`),
      });
    }
  });
});

describe('content', () => {
  it('is compared by names, kinds, bytes and where links lead', async () => {
    const [a, b] = [join(base, 'a'), join(base, 'b')];
    for (const folder of [a, b]) {
      mkdirSync(join(folder, 'sub'), { recursive: true });
      writeFileSync(join(folder, 'same'), 'x');
      writeFileSync(join(folder, 'sub/other'), folder);
      symlinkSync('same', join(folder, 'link'));
    }
    writeFileSync(join(a, 'sub/extra'), '');
    mkdirSync(join(b, 'missing'));
    symlinkSync('same', join(a, 'moved'));
    symlinkSync('sub', join(b, 'moved'));
    expect(await compareContent(a, b)).toEqual({
      changed: ['moved', 'sub/other'],
      missing: ['missing'],
      extra: ['sub/extra'],
    });
    expect(await compareContent(join(a, 'same'), join(b, 'same'))).toEqual({
      changed: [],
      missing: [],
      extra: [],
    });
    expect((await compareContent(join(a, 'same'), b)).changed).toEqual(['']);
    expect((await compareContent(join(a, 'nothing'), b)).missing).toEqual(['']);
  });
});
