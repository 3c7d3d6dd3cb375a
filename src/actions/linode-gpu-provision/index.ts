import { cancelledInstead } from '../../core/cancelled.ts';
import type { ShownInstance } from '../../core/gpu/result.ts';
import { cutOffGpuSummary, gpuSummary } from '../../core/gpu/summary.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { readEvent } from '../../runner/event.ts';
import { mask } from '../../runner/mask.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { writeSummary } from '../../runner/summary.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { noteBegun, readBegun } from './begun.ts';
import { readInputs, readToken } from './inputs.ts';

export const outputNames = [
  'status',
  'id',
  'label',
  'ipv4',
  'region',
  'type',
  'hourly-cost',
  'created',
  'ui-url',
  'api-url',
] as const;

/** The runner gives a cancelled step 7.5 s before it asks more firmly, and 2.5 s more; `post` does what is left. */
const cancelledMs = 6000;

/** Makes sure that there is a GPU instance, shows it, deletes it, or deletes those whose time is past. */
export async function main(): Promise<void> {
  const { operation, dryRun, ...given } = readInputs();
  if (operation !== 'status') assertMayDeploy();
  const signal = cancellation();
  // Wrong inputs and events that may not deploy are told before the rest is loaded.
  const { operateGpu } = await import('../../operations/gpu/operate.ts');
  tell('failed', null, false);

  const result = await operateGpu(
    operation,
    {
      ...{ ...given, dryRun, signal, hostEnv: process.env, cwd: process.cwd() },
      revision: readEvent().commit,
      cancelledMs,
      onSecrets: mask,
      onBegun: noteBegun,
      onSettled: () => noteBegun(undefined),
      // At once: whatever becomes of this step, the next ones know what there is.
      onInstance: (instance, created) => tell('failed', instance, created),
    },
    jobLog,
  ).catch((error: unknown) => {
    throw cancelledInstead(error, signal);
  });

  await writeSummary(gpuSummary(result));
  tell(result.status, result.instance, result.created);
  // Not before: a run that is ended up to here has not come to its end.
  if (result.failure === undefined) noteBegun(undefined);
  if (result.failure !== undefined) throw result.failure;
}

function tell(status: string, instance: ShownInstance | null, created: boolean): void {
  writeOutputs(outputNames, {
    status,
    id: instance?.id,
    label: instance?.label,
    ipv4: instance?.ipv4 ?? undefined,
    region: instance?.region,
    type: instance?.type,
    'hourly-cost': instance?.hourlyCost ?? undefined,
    created,
    'ui-url': instance?.uiUrl ?? undefined,
    'api-url': instance?.apiUrl ?? undefined,
  });
}

/** Sees to what a run that was cut off has begun; silent after any other. */
export async function post(): Promise<void> {
  const begun = readBegun();
  if (begun === undefined) return;
  const { endCutOff } = await import('../../operations/gpu/end-cut-off.ts');
  const access = { token: readToken(), hostEnv: process.env, signal: undefined };
  await writeSummary(cutOffGpuSummary(begun.label, await endCutOff(access, begun, jobLog)));
}
