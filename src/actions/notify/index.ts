import { deliverySummary } from '../../core/notify/delivery.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { reportedRun, runnerName } from '../../runner/reported-run.ts';
import { jobLog } from '../../runner/reporter.ts';
import { apiUrl, thisRun } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['delivered'] as const;

/** From the start of the process: 10 s, less what it takes to end. */
const budgetMs = 9000;

/** Tells people of the run. Once the inputs are read, nothing fails the step: a message is worth no deployment. */
export async function main(): Promise<void> {
  const { channels, status, title, details, token } = readInputs();
  if (channels.channels.length + channels.refused.length === 0) {
    jobLog.info('No channels are given, so nobody is told.');
    writeOutputs(outputNames, { delivered: [] });
    return;
  }
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), budgetMs - performance.now());
  const [{ gatherReport }, { deliverReport }, { runSource }] = await Promise.all([
    import('../../operations/notify/gather-report.ts'),
    import('../../operations/notify/deliver-report.ts'),
    import('../../adapters/github/run-source.ts'),
  ]);
  const source = token === undefined ? undefined : runSource({ apiUrl: apiUrl(), token, run: thisRun() });
  const known = { known: reportedRun(title), runner: runnerName(), now: () => new Date() };
  const report = await gatherReport({ ...known, status, details, source }, jobLog);
  const delivered = await deliverReport(report, channels, limit.signal, jobLog);
  clearTimeout(timer);
  if (delivered.length > 0) await writeSummary(deliverySummary(delivered));
  writeOutputs(outputNames, { delivered });
}
