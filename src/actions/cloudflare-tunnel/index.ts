import { tunnelFailure } from '../../core/cloudflare/tunnel/result.ts';
import { tunnelSummary } from '../../core/cloudflare/tunnel/summary.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { mask } from '../../runner/mask.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { runContext } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['status', 'tunnel-id', 'hostname', 'url', 'ready'] as const;

/** Leads a hostname through a tunnel to a service of this host, shows how that stands, or takes it away. */
export async function main(): Promise<void> {
  const given = readInputs();
  if (given.operation !== 'status') assertMayDeploy();
  const signal = cancellation();
  // Wrong inputs and events that may not deploy are told before the rest is loaded.
  const { operateTunnel } = await import('../../operations/tunnel/operate.ts');

  const result = await operateTunnel(
    given.operation,
    {
      ...given,
      by: runContext().url ?? 'a job on this runner',
      hostEnv: process.env,
      signal,
      onSecrets: mask,
    },
    jobLog,
  );

  await writeSummary(tunnelSummary(result));
  writeOutputs(outputNames, {
    status: result.status,
    'tunnel-id': result.tunnelId,
    hostname: result.hostname,
    url: result.url,
    ready: result.ready,
  });
  const failure = tunnelFailure(result);
  if (failure !== undefined) throw failure;
}
