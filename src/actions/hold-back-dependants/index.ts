import { workingTreeView } from '../../adapters/files/working-tree.ts';
import { plain, table } from '../../core/markdown.ts';
import { loadProject } from '../../core/project/project.ts';
import { holdBackDependants } from '../../operations/hold-back-dependants.ts';
import { locateProject } from '../../operations/locate-project.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { apiUrl, thisRun } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['waves', 'held-back'] as const;

export async function main(): Promise<void> {
  const { waves, config, token } = readInputs();
  const location = locateProject(process.cwd(), config);
  const project = await loadProject(workingTreeView(location.top), location);
  const { githubClient } = await import('../../adapters/github/client.ts');
  const { runJobs } = await import('../../adapters/github/run-jobs.ts');
  const client = githubClient({ apiUrl: apiUrl(), ...(token === undefined ? {} : { token }) });

  const result = await holdBackDependants({
    project,
    waves,
    jobs: runJobs(client, thisRun()),
    reporter: jobLog,
  });

  writeOutputs(outputNames, { waves: result.waves, 'held-back': [...result.held.keys()] });
  await writeSummary(
    [
      '### Held back',
      result.held.size === 0
        ? 'Nothing depends on what failed.'
        : table(
            ['Service', 'Depends on'],
            Array.from(result.held, ([service, failed]) => [
              plain(service),
              `${plain(failed)}, which failed`,
            ]),
          ),
      '',
    ].join('\n\n'),
  );
}
