import type { LaunchError } from '../errors.ts';
import type { GpuInstance } from './instance.ts';
import { hourlyPrice, type MachineType } from './offer.ts';
import type { GpuOperation } from './settings.ts';
import { deletionTime } from './tags.ts';

/**
 * ensure: `created`, `adopted` (it was there), `planned` (dry run), `failed`; status: what Linode says of it, such as
 * `running`, or `absent`, or `listed` for all; delete: `deleted`, `absent`, `planned`; reap: `reaped`, `nothing`,
 * `planned`, `failed`.
 */
export type GpuStatus = string;

/** An instance for people and programs: times as texts, costs in US dollars. */
export interface ShownInstance {
  readonly id: number;
  readonly label: string;
  readonly status: string;
  readonly type: string;
  readonly region: string;
  readonly ipv4: string | null;
  readonly hourlyCost: number | null;
  /** Since it was made, each hour begun counted. */
  readonly costSoFar: number | null;
  readonly created: string;
  readonly deleteAfter: string | null;
  readonly uiUrl: string | null;
  readonly apiUrl: string | null;
}

export interface GpuResult {
  readonly operation: GpuOperation;
  readonly status: GpuStatus;
  /** Whether this run has made it. */
  readonly created: boolean;
  readonly instance: ShownInstance | null;
  /** Of a list, or what `reap` deletes. */
  readonly instances: readonly ShownInstance[];
  /** Of a dry run: what would be sent, without secrets. */
  readonly request: Readonly<Record<string, unknown>> | null;
  readonly notices: readonly string[];
  readonly durationMs: number;
  readonly failure: LaunchError | undefined;
}

export const uiPort = 3000;
export const apiPort = 8000;

export function showInstance(
  instance: GpuInstance,
  types: readonly MachineType[],
  nowMs: number,
): ShownInstance {
  const type = types.find(({ id }) => id === instance.type);
  const hourly = type === undefined ? undefined : hourlyPrice(type, instance.region);
  const hours = Math.max(1, Math.ceil((nowMs - instance.createdAt) / 3_600_000));
  const deletion = deletionTime(instance.tags);
  const { id, label, status, region, ipv4 } = instance;
  return {
    id,
    label,
    status,
    type: instance.type,
    region,
    ipv4: ipv4 ?? null,
    hourlyCost: hourly ?? null,
    costSoFar: hourly === undefined || Number.isNaN(hours) ? null : Number((hourly * hours).toFixed(2)),
    created: iso(instance.createdAt),
    deleteAfter: deletion.kind === 'at' ? iso(deletion.ms) : null,
    uiUrl: ipv4 === undefined ? null : `http://${ipv4}:${uiPort}`,
    apiUrl: ipv4 === undefined ? null : `http://${ipv4}:${apiPort}/v1`,
  };
}

function iso(ms: number): string {
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString().replace('.000', '');
}

/** A result of which most is empty. */
export function plainResult(
  operation: GpuOperation,
  status: GpuStatus,
  part: Partial<GpuResult> & Pick<GpuResult, 'durationMs'>,
): GpuResult {
  return {
    operation,
    status,
    created: false,
    instance: null,
    instances: [],
    request: null,
    notices: [],
    failure: undefined,
    ...part,
  };
}
