import { describe, expect, it } from '@jest/globals';
import {
  environmentOf,
  statusOfCutOff,
  statusOfForgotten,
  statusOfRefusal,
  statusOfRemoval,
  statusOfResult,
} from '../../../../src/core/deploy/deployment-record.ts';
import type { DeployResult } from '../../../../src/core/deploy/result.ts';
import { LaunchError } from '../../../../src/core/errors.ts';

const deployed: DeployResult = {
  status: 'deployed',
  service: 'chat',
  target: 'homelab',
  release: 'r2',
  previousRelease: 'r1',
  commit: '0123456789abcdef',
  fingerprint: 'f',
  url: 'https://chat.example.org',
  durationMs: 1500,
  made: [],
  kept: [],
  failure: undefined,
  notPutBack: undefined,
  plan: undefined,
};
const failure = { reason: 'web-1 ended', lines: [] };

describe('what GitHub is told of a release', () => {
  it('has an environment for each target and service', () => {
    expect(environmentOf({ target: 'homelab', service: 'chat' })).toBe('homelab/chat');
    const longest = 'x'.repeat(63);
    expect(environmentOf({ target: longest, service: longest }).length).toBeLessThanOrEqual(255);
  });

  it('says that what was live is no more, and by whom', () => {
    expect(statusOfRemoval('ann')).toEqual({
      state: 'inactive',
      description: 'Taken down by ann; its data is kept.',
    });
    expect(statusOfRemoval('x'.repeat(300)).description.length).toBeLessThanOrEqual(140);
  });

  it('tells apart what serves now', () => {
    expect(statusOfResult(deployed)).toEqual({ state: 'success', description: 'r2 serves.' });
    expect(statusOfResult({ ...deployed, restores: 'r0' })).toEqual({
      state: 'success',
      description: 'r0 serves again, as r2.',
    });
    expect(statusOfResult({ ...deployed, status: 'rolled-back', failure })).toEqual({
      state: 'failure',
      description: 'r1 serves again. r2 failed: web-1 ended',
    });
    expect(statusOfResult({ ...deployed, status: 'failed', failure })).toEqual({
      state: 'error',
      description: 'The service may be down. r2 failed: web-1 ended',
    });
    expect(statusOfResult({ ...deployed, status: 'failed', failure, previousServes: true })).toEqual({
      state: 'failure',
      description: 'r1 still serves. r2 failed: web-1 ended',
    });
    const lost = statusOfResult({ ...deployed, status: 'failed', failure, notPutBack: 'no image' });
    expect(lost).toMatchObject({ state: 'error', description: expect.stringContaining('no image') });
  });

  it('says of a refusal that nothing was changed, and no secret', () => {
    const error = new LaunchError('PORT_IN_USE', 'Port 80 is held by hunter2.', { remedy: 'Stop it.' });
    expect(statusOfRefusal(error, (text) => text.replace('hunter2', '***'))).toEqual({
      state: 'failure',
      description: 'Nothing was changed: PORT_IN_USE: Port 80 is held by ***.',
    });
    expect(statusOfRefusal(new Error('hunter2'), (text) => text).description).not.toContain('hunter2');
  });

  it.each([
    ['deployed', 'success', 'r2 serves'],
    ['rolled-back', 'failure', 'r1 serves again'],
    ['failed', 'error', 'may be down'],
    ['dropped', 'failure', 'Nothing was changed'],
    ['under way', 'error', 'may be down until'],
  ] as const)('says of a run that was cut off and %s: %s', (outcome, state, text) => {
    const status = statusOfCutOff(outcome, { release: 'r2', previous: 'r1' });
    expect(status).toEqual({ state, description: expect.stringContaining(text) });
    expect(status.description.length).toBeLessThanOrEqual(140);
  });

  it('mends what nobody came to say, and nothing else', () => {
    const of = (state: string | undefined, outcome?: 'deployed' | 'rolled-back' | 'failed') =>
      statusOfForgotten({ state, release: 'r1' }, outcome)?.state;
    for (const open of [undefined, 'pending', 'queued', 'in_progress']) {
      expect([of(open, 'deployed'), of(open, 'rolled-back'), of(open, 'failed'), of(open)]).toEqual([
        'success',
        'failure',
        'error',
        'failure',
      ]);
    }
    expect([of('error', 'deployed'), of('error', 'rolled-back')]).toEqual(['success', 'failure']);
    expect([of('error', 'failed'), of('error'), of('success', 'failed'), of('failure', 'deployed')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([of('inactive', 'deployed'), of('inactive')]).toEqual([undefined, undefined]);
  });

  it('keeps to one line of 140 characters that GitHub takes', () => {
    const of = (reason: string) =>
      statusOfResult({ ...deployed, status: 'rolled-back', failure: { reason, lines: [] } }).description;
    expect(of('x'.repeat(500))).toHaveLength(140);
    expect(of('a\n b\t\u0007')).toBe('r1 serves again. r2 failed: a b \\u0007');
    // A half of a pair, where it is cut or already in the text, is no valid text.
    for (const reason of ['😀'.repeat(200), `${'x'.repeat(111)}😀😀`, '\ud83d']) {
      expect(of(reason)).not.toMatch(/[\ud800-\udfff]/);
      expect(of(reason).length).toBeLessThanOrEqual(140);
    }
  });
});
