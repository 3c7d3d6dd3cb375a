import { commentMedium, fitMarkdown, summaryMedium } from '../../core/preview/fit-markdown.ts';
import { headline } from '../../core/preview/headline.ts';
import { hasNews, type Preview } from '../../core/preview/preview.ts';
import { workersOf } from '../../core/routing/worker-targets.ts';
import { askForRunners } from '../../operations/ask-for-runners.ts';
import { makePreview } from '../../operations/preview/make-preview.ts';
import { readReport } from '../../operations/preview/read-report.ts';
import { readEvent } from '../../runner/event.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { apiUrl, runContext, serverUrl, thisRun } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['comment', 'any', 'workers'] as const;

/** The summary names all of them. */
const loggedEntries = 100;

export async function main(): Promise<void> {
  const { report: path, checkRunners, token, fetchToken, ...wishes } = readInputs();
  const { repository, url } = runContext();
  const preview = await makePreview(
    {
      ...wishes,
      cwd: process.cwd(),
      since: 'event',
      event: readEvent(),
      // Containers on runners run as another user than the one that checked out.
      trusted: process.env['GITHUB_ACTIONS'] === 'true',
      ...(fetchToken === undefined ? {} : { login: { server: serverUrl(), token: fetchToken } }),
      report: path === undefined ? undefined : await readReport(path, jobLog),
      runners: checkRunners === 'off' ? undefined : listing(token),
      repository,
      hostEnv: process.env,
      withoutUrls: true,
    },
    jobLog,
  );
  log(preview);
  await writeSummary(fitMarkdown(preview, summaryMedium));
  const elsewhere = url === undefined ? commentMedium.elsewhere : `[the summary of the run](${url})`;
  writeOutputs(outputNames, {
    comment: fitMarkdown(preview, { ...commentMedium, elsewhere }),
    any: hasNews(preview),
    workers: workersOf(preview.plan),
  });
  // What validation has told already fails the job by itself, at the right line.
  if (preview.fault !== undefined && preview.report?.valid !== false) throw preview.fault;
}

function listing(token: string | undefined) {
  if (token === undefined) return 'no token is given that may list them.';
  return () => askForRunners({ token, apiUrl: apiUrl(), repository: thisRun().repository });
}

function log(preview: Preview): void {
  const { entries } = preview.plan;
  jobLog.info(headline(preview));
  for (const { wave, service, target, driver } of entries.slice(0, loggedEntries)) {
    jobLog.info(`wave ${wave}: ${service} → ${target.name} (${driver})`);
  }
  if (entries.length > loggedEntries) jobLog.info(`… and ${entries.length - loggedEntries} more`);
}
