import { describe, expect, it } from '@jest/globals';
import { findRemovals, type Standing } from '../../../src/core/removal.ts';
import type { Target } from '../../../src/core/targets/target.ts';

const home: Target = { name: 'home', runsOn: ['self-hosted', 'home'] };
const aws: Target = { name: 'aws', runsOn: ['self-hosted', 'aws'], environment: 'aws' };

function at(service: string, target: Target, more: Partial<Standing> = {}): Standing {
  return { service, target, driver: 'compose', onDelete: 'report', ...more };
}

const none = { before: [], now: [], targets: new Map<string, Target>() };

describe('what is gone', () => {
  it('is every place that nothing names any more, in order', () => {
    const before = [at('web', home, { onDelete: 'stop' }), at('web', aws), at('db', home)];
    const targets = new Map([['home', home]]);
    expect(findRemovals({ before, now: [at('db', home)], targets })).toEqual([
      { service: 'web', target: aws, undeclared: true, driver: 'compose', onDelete: 'report' },
      { service: 'web', target: home, driver: 'compose', onDelete: 'stop' },
    ]);
  });

  it('is one of several targets, and the setting of today decides about it', () => {
    const before = [at('web', home), at('web', aws)];
    const now = [at('web', aws, { onDelete: 'stop' })];
    expect(findRemovals({ ...none, before, now })).toMatchObject([
      { service: 'web', target: home, driver: 'compose', onDelete: 'stop' },
    ]);
  });

  it('is a host when the service became a worker, but not when only its script is new', () => {
    const before = [at('web', home), at('job', home)];
    const now = [at('web', home, { driver: 'worker' }), at('job', home, { driver: 'script' })];
    expect(findRemovals({ ...none, before, now }).map(({ service }) => service)).toEqual(['web']);
  });

  it('goes through the target as it is declared now, if it still is', () => {
    const guarded: Target = { ...home, environment: 'guarded' };
    const before = [at('a', home), at('b', aws)];
    const targets = new Map([['home', guarded]]);
    expect(findRemovals({ ...none, before, targets }).map(({ target }) => target)).toEqual([guarded, aws]);
  });

  it('is told once, as the first of several states has it', () => {
    const before = [at('web', home, { onDelete: 'stop' }), at('web', home, { driver: 'script' })];
    expect(findRemovals({ ...none, before })).toMatchObject([
      { service: 'web', target: home, driver: 'compose', onDelete: 'stop' },
    ]);
  });
});
