import { describe, expect, it } from '@jest/globals';
import { identityOf } from '../../../../src/core/cloudflare/identity.ts';
import {
  describeShares,
  hasShares,
  shareOf,
  soleVersion,
} from '../../../../src/core/cloudflare/live-state.ts';
import {
  cutOffStep,
  historyLine,
  isFinished,
  isSettled,
  readMessage,
  readTag,
  rollbackMessage,
  settledMessage,
  stepMessage,
  takenBackMessage,
  versionMessage,
  versionTag,
} from '../../../../src/core/cloudflare/version-note.ts';
import { deployment, idOf, pastOf, version } from './worker-past.ts';

const commit = '3f9c2a1b7d44aaaabbbbccccddddeeeeffff0000';
const identity = '9e107d9d372b';

describe('the notes with a version', () => {
  it('fit into what Cloudflare keeps, and are read again', () => {
    for (const note of [
      { commit, identity },
      { commit, identity: undefined },
      { commit: undefined, identity },
    ]) {
      const tag = versionTag(note) ?? '';
      expect(Buffer.byteLength(tag)).toBeLessThanOrEqual(25);
      expect(readTag(tag)).toEqual({ commit: note.commit?.slice(0, 12), identity: note.identity });
    }
    expect(versionTag({ commit: undefined, identity: undefined })).toBeUndefined();
    for (const by of [
      'octocat',
      undefined,
      'x'.repeat(200),
      'Ünïcödé '.repeat(20),
      'a, before b',
      '🙂'.repeat(40),
    ]) {
      const message = versionMessage(by, idOf(1));
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(100);
      expect(readMessage(message).before).toBe(idOf(1));
      expect(message).not.toContain('\ufffd');
    }
    expect(readMessage(versionMessage('octocat', undefined))).toEqual({ by: 'octocat', before: undefined });
  });

  it('are not read out of what others write', () => {
    expect(readTag('v1.2.3')).toEqual({ commit: undefined, identity: undefined });
    expect(readTag(undefined)).toEqual({ commit: undefined, identity: undefined });
    expect(readMessage(`Fix it, before ${idOf(1)}`)).toEqual({ by: undefined, before: undefined });
    expect(isSettled(deployment(1, [], 'settled'))).toBe(false);
    expect(cutOffStep(deployment(1, [], 'Launch, step 10 %'))).toBeUndefined();
  });

  it('say whether a version was deployed to its end', () => {
    const at = (time: number, number: number, message: string) =>
      deployment(time, [{ versionId: idOf(number), percentage: 100 }], message);
    const cutOff = at(2, 2, stepMessage(100, idOf(1)));
    expect(isFinished([at(1, 1, settledMessage())], idOf(1))).toBe(true);
    expect(isFinished([cutOff, at(1, 1, settledMessage())], idOf(2))).toBe(false);
    // To have got the traffic back from a later one is no proof.
    const back = at(3, 2, takenBackMessage(idOf(3)));
    expect(isFinished([back, cutOff], idOf(2))).toBe(false);
    expect(isFinished([back, at(2, 2, settledMessage())], idOf(2))).toBe(true);
    expect(isFinished([at(3, 1, rollbackMessage(idOf(2)))], idOf(1))).toBe(true);
  });

  it('say of the traffic whether it is where it should be, and where it was', () => {
    const half = [
      { versionId: idOf(2), percentage: 10 },
      { versionId: idOf(1), percentage: 90 },
    ];
    expect(cutOffStep(deployment(1, half, stepMessage(10, idOf(1))))).toEqual({
      old: idOf(1),
      halfway: idOf(2),
    });
    // A version that has no share is none to go back to.
    expect(cutOffStep(deployment(1, half, stepMessage(10, idOf(7))))).toBeUndefined();
    for (const message of [settledMessage(), takenBackMessage(idOf(2)), rollbackMessage(idOf(2))]) {
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(100);
      expect(isSettled(deployment(1, [], message))).toBe(true);
    }
    expect(Buffer.byteLength(stepMessage(33.33, idOf(1)))).toBeLessThanOrEqual(100);
    expect(soleVersion(deployment(1, half))).toBeUndefined();
    expect(soleVersion(deployment(1, [{ versionId: idOf(1), percentage: 100 }]))).toBe(idOf(1));
    const zero = [
      { versionId: idOf(2), percentage: 0 },
      { versionId: idOf(1), percentage: 100 },
    ];
    expect(soleVersion(deployment(1, zero))).toBeUndefined();
    expect(hasShares(deployment(1, half), half.toReversed())).toBe(true);
    expect(hasShares(deployment(1, half), zero)).toBe(false);
    expect(describeShares(half)).toBe('10 % 00000002, 90 % 00000001');
    expect(shareOf(pastOf([1], []), idOf(1))).toBe(100);
    expect(shareOf(pastOf([1], []), idOf(2))).toBeUndefined();
  });

  it('make a line of the history', () => {
    const message = versionMessage('octocat', idOf(1));
    const tag = versionTag({ commit, identity });
    expect(
      historyLine(version(2, { message, tag }), [{ versionId: idOf(2), percentage: 100 }]),
    ).toMatchObject({
      by: 'octocat',
      commit: commit.slice(0, 12),
      percentage: 100,
    });
    expect(historyLine(version(3), [])).toMatchObject({ by: 'octo@example.com', commit: undefined });
  });
});

describe('the identity of a version', () => {
  const parts = {
    fingerprint: 'f',
    vars: new Map([['A', '1']]),
    secrets: new Map([
      ['S', 'x'],
      ['T', 'y'],
    ]),
  };
  const of = (more: object, token = 'token') => identityOf({ ...parts, ...more }, token);

  it('is the same for the same parts, in whatever order', () => {
    expect(of({})).toMatch(/^[0-9a-f]{12}$/);
    expect(
      of({
        secrets: new Map([
          ['T', 'y'],
          ['S', 'x'],
        ]),
      }),
    ).toBe(of({}));
  });

  it('differs with every part, and with the token', () => {
    const others = [
      of({ fingerprint: 'g' }),
      of({ vars: new Map([['A', '2']]) }),
      of({ secrets: new Map([['S', 'x']]) }),
      of({
        secrets: new Map([
          ['S', 'x'],
          ['T', 'z'],
        ]),
      }),
      of({ environment: 'staging' }),
      of({ bindings: { r2: { FILES: 'other' } } }),
      of({}, 'another'),
    ];
    expect(new Set([of({}), ...others]).size).toBe(others.length + 1);
  });
});
