import { describe, expect, it } from '@jest/globals';
import { chooseVersion, previousVersion } from '../../../../src/core/cloudflare/previous-version.ts';
import { versionMessage } from '../../../../src/core/cloudflare/version-note.ts';
import { idOf, pastOf, version } from './worker-past.ts';

const plain = (...numbers: number[]) => numbers.map((number) => version(number));
/** As Launch uploads them: each says what was before it. */
const noted = (...pairs: [number, number | undefined][]) =>
  pairs.map(([number, before]) =>
    version(number, { message: versionMessage('octocat', before === undefined ? undefined : idOf(before)) }),
  );

describe('the version before', () => {
  it('is what had all of the traffic until then', () => {
    expect(previousVersion(pastOf([1, 2, 3], plain(1, 2, 3)), idOf(3))).toBe(idOf(2));
    expect(previousVersion(pastOf([1], plain(1)), idOf(1))).toBeUndefined();
  });

  it('is never the one that was gone back from', () => {
    // A second rollback goes two back, and does not flip.
    expect(previousVersion(pastOf([1, 2, 3, 2], plain(1, 2, 3)), idOf(2))).toBe(idOf(1));
    expect(previousVersion(pastOf([1, 2, 3, 2, 1], plain(1, 2, 3)), idOf(1))).toBeUndefined();
    expect(previousVersion(pastOf([1, 2, 3, 2, 4], plain(1, 2, 3, 4)), idOf(4))).toBe(idOf(2));
    // Forward again is a deployment like any other.
    expect(previousVersion(pastOf([1, 2, 3, 2, 3], plain(1, 2, 3)), idOf(3))).toBe(idOf(2));
  });

  it('is what a version says itself, however much Cloudflare has forgotten', () => {
    const versions = noted([1, undefined], [2, 1], [3, 2], [4, 2]);
    expect(previousVersion(pastOf([4], versions), idOf(4))).toBe(idOf(2));
    expect(previousVersion(pastOf([3, 2], versions), idOf(2))).toBe(idOf(1));
  });

  it('does not bring the same code back after a changed secret', () => {
    const versions = [
      ...plain(1, 2),
      version(3, { triggeredBy: 'secret' }),
      version(4, { triggeredBy: 'secret' }),
    ];
    expect(previousVersion(pastOf([1, 2, 3], versions), idOf(3))).toBe(idOf(1));
    expect(previousVersion(pastOf([1, 2, 3, 4], versions), idOf(4))).toBe(idOf(1));
    const ofLaunch = [...noted([1, undefined], [2, 1]), version(3, { triggeredBy: 'secret' })];
    expect(previousVersion(pastOf([1, 2, 3], ofLaunch), idOf(3))).toBe(idOf(1));
  });

  it('leaves out what never had all of the traffic', () => {
    const past = pastOf([1, 2], plain(1, 2, 3));
    const split = [
      { versionId: idOf(3), percentage: 0 },
      { versionId: idOf(2), percentage: 100 },
    ];
    const [newest, ...older] = past.deployments;
    if (newest === undefined) throw new Error('there is none');
    const deployments = [newest, { ...newest, id: 'split', shares: split }, ...older];
    expect(previousVersion({ ...past, deployments }, idOf(2))).toBe(idOf(1));
  });

  it('leads to the first version, one by one, whatever the past', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const traffic = [1];
      const line = [1];
      let newest = 1;
      for (let step = 0; step < 12; step += 1) {
        if (line.length > 1 && random(3) === 0) line.length = 1 + random(line.length - 1);
        else line.push(++newest);
        traffic.push(line.at(-1) ?? 1);
      }
      const past = pastOf(traffic, plain(...Array.from({ length: newest }, (_, at) => at + 1)));
      const walked = [line.at(-1) ?? 1];
      for (let id = previousVersion(past, idOf(walked[0] ?? 0)); id !== undefined; ) {
        walked.push(Number(id.slice(0, 8)));
        const shares = [{ versionId: id, percentage: 100 }];
        const next = {
          id: `r${walked.length}`,
          createdOn: '',
          author: undefined,
          message: undefined,
          shares,
        };
        id = previousVersion({ ...past, deployments: [next, ...past.deployments] }, id);
        if (walked.length > 20) throw new Error(`goes round in circles: ${walked.join(' ')}`);
      }
      // It goes down the line, and passes over nothing.
      expect(walked.slice(0, 2)).toEqual(line.toReversed().slice(0, 2));
      expect(walked).toEqual([...walked].sort((a, b) => b - a));
    }
  });
});

describe('the version to go to', () => {
  const past = pastOf([1, 2, 3], plain(1, 2, 3));

  it('is named by its id or the beginning of it', () => {
    expect(chooseVersion(past, 'api', idOf(3), undefined).id).toBe(idOf(2));
    expect(chooseVersion(past, 'api', idOf(3), idOf(1)).id).toBe(idOf(1));
    expect(chooseVersion(past, 'api', idOf(3), '00000001').id).toBe(idOf(1));
  });

  it.each([
    ['latest', /is not the id of a version/],
    ['../..', /is not the id of a version/],
    ['0000000', /is not the id of a version/],
    [idOf(3), /is live already/],
    [idOf(9), /keeps the last 100 versions/],
  ])('is refused for %s', (asked, message) => {
    expect(() => chooseVersion(past, 'api', idOf(3), asked)).toThrow(message);
  });

  it('is refused where there is none, and where it is too old', () => {
    expect(() => chooseVersion(pastOf([1], plain(1)), 'api', idOf(1), undefined)).toThrow(
      /no version of "api" before/,
    );
    const forgotten = pastOf([200], noted([200, 99]));
    expect(() => chooseVersion(forgotten, 'api', idOf(200), undefined)).toThrow(
      /keeps the last 100 versions/,
    );
  });
});
