import type { DeploymentRecorder } from '../operations/record-deployment.ts';
import { jobLog } from './reporter.ts';
import { apiUrl, runContext } from './run.ts';

/** What records deployments on GitHub; undefined without a token, or outside of a run. */
export async function recorderFor(token: string | undefined): Promise<DeploymentRecorder | undefined> {
  const { repository, url } = runContext();
  if (token === undefined || repository === undefined) {
    jobLog.debug('No token: the deployment is not recorded on GitHub.');
    return undefined;
  }
  const { deploymentRecorder } = await import('../operations/record-deployment.ts');
  return deploymentRecorder({
    logUrl: url,
    reporter: jobLog,
    // What speaks HTTP is loaded only where it is spoken.
    open: async () => {
      const { githubClient } = await import('../adapters/github/client.ts');
      const { deploymentRecords } = await import('../adapters/github/deployments.ts');
      return deploymentRecords(
        githubClient({ apiUrl: apiUrl(), token, retries: 1, longestWait: 1000 }),
        repository,
      );
    },
  });
}
