import { describe, expect, it } from '@jest/globals';
import { callerName, leafName } from '../../../src/core/job-name.ts';

describe('the name of a job', () => {
  it.each([
    ['Deploy website to homelab', '', 'Deploy website to homelab'],
    ['deploy / Plan', 'deploy', 'Plan'],
    ['ship / deploy / Deploy website to homelab', 'ship / deploy', 'Deploy website to homelab'],
    ['build/test', '', 'build/test'],
    ['deploy / ', 'deploy', ''],
    ['', '', ''],
  ])('%j was called by %j, and is %j by itself', (name, caller, leaf) => {
    expect([callerName(name), leafName(name)]).toEqual([caller, leaf]);
  });
});
