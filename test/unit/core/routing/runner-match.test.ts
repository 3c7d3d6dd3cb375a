import { describe, expect, it } from '@jest/globals';
import { describeMatch, matchRunners, type Runner } from '../../../../src/core/routing/runner-match.ts';

const runner = (name: string, labels: string, online = true, busy = false): Runner => ({
  name,
  online,
  busy,
  labels: labels.split(' '),
});

const runners = [
  runner('attic', 'self-hosted Linux X64 homelab'),
  runner('cellar', 'self-hosted Linux X64 gpu', false),
  runner('box', 'self-hosted Linux arm64 edge', true, true),
];

describe('matchRunners', () => {
  it('wants all labels on one runner that is online, whatever their case', () => {
    expect(matchRunners(['SELF-HOSTED', 'HomeLab'], runners)).toEqual({
      kind: 'online',
      runners: ['attic'],
      busy: false,
    });
    expect(matchRunners({ labels: ['self-hosted', 'edge'] }, runners)).toEqual({
      kind: 'online',
      runners: ['box'],
      busy: true,
    });
    expect(matchRunners('self-hosted', runners)).toMatchObject({ runners: ['attic', 'box'], busy: false });
    expect(matchRunners(['homelab', 'arm64'], runners)).toEqual({
      kind: 'none',
      labels: ['homelab', 'arm64'],
    });
  });

  it('tells a runner that is offline from one that does not exist', () => {
    expect(matchRunners(['self-hosted', 'gpu'], runners)).toEqual({ kind: 'offline', runners: ['cellar'] });
    expect(matchRunners('homelab2', runners)).toMatchObject({ kind: 'none' });
    expect(matchRunners('x', [])).toMatchObject({ kind: 'none' });
  });

  it.each([
    'ubuntu-latest',
    'Ubuntu-24.04',
    ['windows-2025'],
    { labels: 'macos-15-xlarge' },
    { group: 'big' },
    { group: 'big', labels: ['self-hosted', 'nothing-has-this'] },
  ])('does not check %j', (runsOn) => {
    expect(matchRunners(runsOn, runners)).toMatchObject({ kind: 'not-checked' });
  });

  it('checks a runner of one’s own that is labelled as if it were GitHub’s', () => {
    expect(matchRunners(['self-hosted', 'ubuntu-24.04'], runners)).toMatchObject({ kind: 'none' });
  });

  it('says what to do', () => {
    expect(describeMatch('gpu', { kind: 'offline', runners: ['cellar'] })).toMatch(/Start it/);
    expect(describeMatch('x', { kind: 'none', labels: ['a', 'b'] })).toMatch(/labels a, b.*runs-on/);
    expect(describeMatch('x', { kind: 'online', runners: ['a'], busy: true })).toBe('x: a online, but busy');
    expect(describeMatch('x', { kind: 'not-checked', why: 'it names a runner group' })).toMatch(
      /not checked/,
    );
  });
});
