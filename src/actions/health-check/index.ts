import { type HealthCheck, secretsOf } from '../../core/health/check.ts';
import { checkFromSetting } from '../../core/health/from-settings.ts';
import { healthFailure, healthSummary } from '../../core/health/report.ts';
import { checkHealth } from '../../operations/check-health.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { mask } from '../../runner/mask.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { stepEnvironment } from '../../runner/step-environment.ts';
import { writeSummary } from '../../runner/summary.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['healthy', 'attempts', 'latency-ms', 'elapsed-ms'] as const;

export async function main(): Promise<void> {
  const signal = cancellation();
  const given = readInputs();
  const checks = await checksFor(given);
  mask(checks.flatMap(secretsOf));

  const report = await checkHealth(checks, jobLog, signal);

  writeOutputs(outputNames, {
    healthy: report.healthy,
    attempts: report.attempts,
    'latency-ms': report.latencyMs,
    'elapsed-ms': report.elapsedMs,
  });
  await writeSummary(healthSummary(report));
  if (!report.healthy) {
    throw healthFailure(report, given.subject.kind === 'service' ? given.subject.service : undefined);
  }
}

async function checksFor({ subject, timing, config }: ReturnType<typeof readInputs>): Promise<HealthCheck[]> {
  if (subject.kind === 'setting') {
    return [checkFromSetting(subject.setting, { cwd: process.cwd(), env: stepEnvironment(), timing })];
  }
  // Loaded only now: a single check needs no configuration files, and no parser for them.
  const { readHealthChecks } = await import('../../operations/read-health-checks.ts');
  const { service, target } = subject;
  return await readHealthChecks({ cwd: process.cwd(), config, service, target, timing, env: process.env });
}
