import { findInstance } from '../../adapters/linode/instances.ts';
import { listTypes } from '../../adapters/linode/offers.ts';
import { type GpuResult, plainResult, showInstance } from '../../core/gpu/result.ts';
import { type GpuAccess, openLinode } from './access.ts';
import { listOfLaunch } from './list-of-launch.ts';

export interface GpuStatusRequest extends GpuAccess {
  /** Undefined: every instance of Launch. */
  readonly label: string | undefined;
}

/** How an instance stands, or all of them; changes nothing. */
export async function gpuStatus(request: GpuStatusRequest): Promise<GpuResult> {
  const began = performance.now();
  const client = openLinode(request);
  const { label } = request;
  const [types, found] = await Promise.all([
    listTypes(client),
    label === undefined
      ? listOfLaunch(client)
      : findInstance(client, label).then((it) => (it === undefined ? [] : [it])),
  ]);
  const shown = found.map((it) => showInstance(it, types, client.now()));
  const durationMs = Math.round(performance.now() - began);
  if (label === undefined) return plainResult('status', 'listed', { instances: shown, durationMs });
  const [instance] = shown;
  return plainResult('status', instance?.status ?? 'absent', { instance: instance ?? null, durationMs });
}
