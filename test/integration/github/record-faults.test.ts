// Records of many deployments at an API that fails now and then: none of them holds up a deployment or fails it, and
// what could not be written is said.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { githubClient } from '../../../src/adapters/github/client.ts';
import { deploymentRecords } from '../../../src/adapters/github/deployments.ts';
import { deploymentRecorder } from '../../../src/operations/record-deployment.ts';
import { type FakeGitHub, startFakeGitHub } from '../../support/github-api.ts';
import { serveDeployments } from '../../support/github-deployments.ts';
import { randomFaults } from '../../support/github-faults.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';

let api: FakeGitHub;
beforeEach(async () => {
  api = await startFakeGitHub();
});
afterEach(async () => {
  expect(api.refused).toEqual([]);
  await api.close();
});

/** One deployment of a service, by a job of its own: what was told, and how long its end waited for the record. */
async function deployOnce(repository: string, run: number) {
  const reporter = recordingReporter();
  const recorder = deploymentRecorder({
    logUrl: `https://github.com/${repository}/actions/runs/${run}`,
    reporter,
    // As src/runner/deployment-recorder.ts opens it.
    open: async () => {
      const client = githubClient({ apiUrl: api.url, token: api.token, retries: 1, longestWait: 1000 });
      return deploymentRecords(client, repository);
    },
  });
  const commit = run.toString(16).padStart(40, '0');
  const release = `20261122T0300${String(run).padStart(2, '0')}Z-${commit.slice(-7)}`;
  const record = { service: 'web', target: 'homelab', task: 'deploy', release, commit } as const;
  const recording = recorder.begin(record, { onId: () => {}, endOf: () => undefined });
  const at = performance.now();
  const isEnded = await recording.end({ state: 'success', description: `${release} serves.` });
  return { isEnded, warnings: reporter.warnings, waitedMs: performance.now() - at, release };
}

describe.each([
  ['5 %', 0.05],
  ['40 %', 0.4],
])('records at an API that fails at %s of all requests', (_share, rate) => {
  it('are whole, or say what is missing', async () => {
    const faults = randomFaults(6, rate);
    api.intercept(faults.intercept);
    const hosts = Array.from({ length: 40 }, (_, at) => `octo/shop-${at}`);
    const served = hosts.map((repository) => serveDeployments(api, { repository }));
    let untold = 0;
    await Promise.all(
      hosts.map(async (repository, at) => {
        for (let run = 1; run <= 3; run += 1) {
          const { isEnded, warnings, waitedMs, release } = await deployOnce(repository, run);
          expect(isEnded).toBe(true);
          expect(waitedMs).toBeLessThan(5500);
          const states = served[at]?.all
            .find(({ payload }) => payload.release === release)
            ?.statuses.map(({ state }) => state);
          const isWhole = states?.at(-1) === 'success';
          if (warnings.length === 0) expect(isWhole).toBe(true);
          else {
            untold += 1;
            expect(warnings).toEqual([
              expect.stringMatching(/record of the deployment to homelab\/web could not be written/),
            ]);
          }
        }
      }),
    );
    expect(faults.count).toBeGreaterThan(hosts.length * 3 * 3 * rate * 0.5);
    expect(untold < hosts.length * 3).toBe(true);
    // A record whose answer was lost was found again, and not made twice.
    for (const { all } of served) {
      const releases = all.map(({ payload }) => payload.release);
      expect(new Set(releases).size).toBe(releases.length);
    }
  });
});
