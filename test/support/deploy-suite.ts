// What every file of tests that deploy begins and ends with.
import { afterAll, beforeAll } from '@jest/globals';
import { removeProjects } from './deploy-host.ts';
import { startEdge, type TestEdge } from './edge.ts';
import { removeRepositories, useHermeticGit } from './repository.ts';
import { requireTools, type Suite } from './tools.ts';

/** `describe` where all is there to deploy with; removes what the tests of the file have left. */
export function deploySuite(...more: readonly string[]): Suite {
  useHermeticGit();
  afterAll(() => {
    removeProjects();
    removeRepositories();
  });
  return requireTools('docker', 'compose', 'flock', ...more);
}

/** An edge proxy for all tests of the file. */
export function useEdge(): TestEdge {
  let started: TestEdge | undefined;
  beforeAll(async () => {
    started = await startEdge();
  });
  afterAll(async () => {
    await started?.stop();
  });
  const edge = (): TestEdge => {
    if (started === undefined) throw new Error('the edge proxy is there from beforeAll to afterAll');
    return started;
  };
  return {
    get settings() {
      return edge().settings;
    },
    get admin() {
      return edge().admin;
    },
    get port() {
      return edge().port;
    },
    announce: (...given) => edge().announce(...given),
    get: async (...given) => await edge().get(...given),
    config: async () => await edge().config(),
    stop: async () => await edge().stop(),
  };
}
