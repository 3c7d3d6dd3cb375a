import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { validationFailure } from '../../core/validation/report.ts';
import { summaryMarkdown, verdict } from '../../core/validation/summary.ts';
import { validateServices } from '../../operations/validate-services.ts';
import { locateForValidation } from '../../operations/validation/locate.ts';
import { writeReports } from '../../operations/validation/write-reports.ts';
import { annotate } from '../../runner/annotations.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { writeSummary } from '../../runner/summary.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['valid', 'errors', 'warnings', 'report', 'sarif'] as const;

export async function main(): Promise<void> {
  const given = readInputs();
  const { env } = process;
  const report = await validateServices(
    {
      ...locateForValidation(process.cwd(), given.config),
      services: given.services,
      ...(given.requiredFiles === undefined ? {} : { requiredFiles: given.requiredFiles }),
      shellcheck: {
        severity: given.shellcheck,
        required: given.shellcheckAsked,
        path: env['PATH'] ?? '',
        toolCache: env['RUNNER_TOOL_CACHE'] ?? join(homedir(), '.cache', 'launch'),
      },
      failOn: given.failOn,
      env,
      trusted: true,
    },
    jobLog,
  );
  const files = await writeReports(env['RUNNER_TEMP'] ?? tmpdir(), report);
  const hidden = annotate(report);
  jobLog.info(
    `${verdict(report)}.${hidden === 0 ? '' : ` ${hidden} of them are in the ${given.summary ? 'summary and the report' : 'report'} only.`}`,
  );
  writeOutputs(outputNames, {
    valid: report.valid,
    errors: report.errors,
    warnings: report.warnings,
    report: files.report,
    sarif: files.sarif,
  });
  if (given.summary) await writeSummary(summaryMarkdown(report));
  if (!report.valid) throw validationFailure(report);
}
