import type { DeploymentRecorder } from '../operations/record-deployment.ts';
import { jobLog } from './reporter.ts';
import { apiUrl, logUrlOf, runContext } from './run.ts';

/** What an action is given for its records. */
export interface RecordInputs {
  /** Undefined: nothing is recorded on GitHub. */
  readonly token: string | undefined;
  /** The id of the job, for a link to its log; undefined: the link leads to the run. */
  readonly job: string | undefined;
}

/** What records deployments on GitHub; undefined without a token, or outside of a run. */
export async function recorderFor({ token, job }: RecordInputs): Promise<DeploymentRecorder | undefined> {
  const { repository } = runContext();
  if (token === undefined || repository === undefined) {
    jobLog.debug('No token: the deployment is not recorded on GitHub.');
    return undefined;
  }
  const { deploymentRecorder } = await import('../operations/record-deployment.ts');
  return deploymentRecorder({
    logUrl: logUrlOf(job),
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
