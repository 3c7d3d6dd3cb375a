import { describe, expect, it } from '@jest/globals';
import { type DeployResult, deployFailure, isDown } from '../../../../src/core/deploy/result.ts';
import { deploySummary } from '../../../../src/core/deploy/summary.ts';

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
  made: ['chat-web-1'],
  kept: ['chat-db-1'],
  failure: undefined,
  notPutBack: undefined,
  plan: undefined,
};
const failure = { reason: 'web-1 ended', lines: ['<script>', '```', 'boom'] };

describe('deploySummary', () => {
  it('says what was deployed, where, and what was left alone', () => {
    const text = deploySummary(deployed);
    for (const part of [
      'Deployed: chat on homelab',
      'r2',
      'r1',
      '0123456789ab',
      '1.5 s',
      'chat-web-1',
      'chat-db-1',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('(https://chat.example.org)');
  });

  it('says why it failed, with lines that no fence of theirs can end', () => {
    const text = deploySummary({ ...deployed, status: 'rolled-back', failure });
    expect(text).toContain('the release before serves again');
    expect(text).toContain('**web-1 ended**');
    expect(text).toContain('````\n<script>\n```\nboom\n````');
  });

  it('does not call what is down unchanged and no more', () => {
    const text = deploySummary({ ...deployed, status: 'unchanged', fault: 'web-1 is gone' });
    expect(text).toMatch(
      /Unchanged, but what serves is not in order: chat on homelab\n\n\*\*web-1 is gone\*\*/,
    );
  });

  it('tells a rehearsal from a deployment', () => {
    expect(deploySummary({ ...deployed, status: 'unchanged', plan: ['Container x Recreate'] })).toMatch(
      /nothing has been changed[\s\S]*Container x Recreate/,
    );
  });
});

describe('a release that failed beside the one that serves', () => {
  it('is told from one that took the service down', () => {
    const failed: DeployResult = { ...deployed, status: 'failed', failure };
    const beside = { ...failed, previousServes: true };
    expect([isDown(deployed), isDown(beside), isDown(failed)]).toEqual([false, false, true]);
    expect(isDown({ ...failed, status: 'rolled-back' })).toBe(false);
    expect(deployFailure(beside)).toMatchObject({
      code: 'DEPLOY_FAILED',
      remedy: expect.stringMatching(/\(r1\) still serves.*get no requests/),
    });
    expect(deploySummary(beside)).toContain('the release before still serves');
    expect(deploySummary(beside)).not.toContain('may be down');
  });
});

describe('deployFailure', () => {
  it('is none where it went well', () => {
    expect(deployFailure(deployed)).toBeUndefined();
    expect(deployFailure({ ...deployed, status: 'unchanged' })).toBeUndefined();
  });

  it('tells apart what serves now', () => {
    const failed = { ...deployed, failure };
    const of = (result: DeployResult) => [deployFailure(result)?.code, deployFailure(result)?.remedy ?? ''];
    expect(of({ ...failed, status: 'rolled-back' })).toEqual([
      'DEPLOY_FAILED',
      expect.stringContaining('(r1) serves again'),
    ]);
    expect(of({ ...failed, status: 'failed', notPutBack: 'no image' })).toEqual([
      'ROLLBACK_FAILED',
      expect.stringMatching(/no image.*may be down/),
    ]);
    expect(of({ ...failed, status: 'failed', previousRelease: undefined })).toEqual([
      'DEPLOY_FAILED',
      expect.stringContaining('the service is down'),
    ]);
  });

  it('says of a cancelled one that it was that, and what serves', () => {
    const cancelled = {
      ...deployed,
      failure: { reason: 'The run was cancelled', lines: [], cancelled: true },
    };
    const of = (result: DeployResult) => [deployFailure(result)?.code, deployFailure(result)?.remedy ?? ''];
    expect(of({ ...cancelled, status: 'rolled-back' })).toEqual([
      'CANCELLED',
      expect.stringMatching(/\(r1\) serves again.*Start it again/),
    ]);
    expect(of({ ...cancelled, status: 'failed', previousRelease: undefined })).toEqual([
      'CANCELLED',
      expect.stringContaining('the service is down'),
    ]);
    // That it is down is worse than that it was cancelled.
    expect(of({ ...cancelled, status: 'failed', notPutBack: 'no image' })[0]).toBe('ROLLBACK_FAILED');
  });
});
