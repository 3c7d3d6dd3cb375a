import { instanceSummary } from '../../core/instances/instance-summary.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { mask } from '../../runner/mask.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { runContext } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['status', 'instance-id', 'urls', 'resources'] as const;

/** Deploys, destroys or looks at an organisation's own copy of the workers, and fails unless it is as it should be. */
export async function main(): Promise<void> {
  const { operation, ...given } = readInputs();
  if (operation !== 'status') assertMayDeploy();
  const signal = cancellation();
  const { actor } = runContext();
  // Wrong inputs and events that may not deploy are told before the rest is loaded.
  const { operateInstance } = await import('../../operations/instance/operate.ts');

  const result = await operateInstance(
    operation,
    { ...given, cwd: process.cwd(), by: actor, hostEnv: process.env, signal, onSecrets: mask },
    jobLog,
  ).catch((error: unknown) => {
    writeOutputs(outputNames, { status: 'failed', 'instance-id': undefined, urls: {}, resources: [] });
    throw error;
  });

  await writeSummary(instanceSummary(result));
  writeOutputs(outputNames, {
    status: result.status,
    'instance-id': result.instanceId,
    urls: result.urls,
    resources: result.resources,
  });
  if (result.failure !== undefined) throw result.failure;
}
