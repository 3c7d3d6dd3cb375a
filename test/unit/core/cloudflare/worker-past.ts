// Pasts of workers as tests need them, written as what had the traffic one after the other.
import type {
  VersionShare,
  WorkerDeployment,
  WorkerPast,
  WorkerVersion,
} from '../../../../src/core/cloudflare/live-state.ts';

/** The id of the nth version. */
export function idOf(number: number): string {
  return `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

export function version(number: number, more: Partial<WorkerVersion> = {}): WorkerVersion {
  return {
    id: idOf(number),
    number,
    createdOn: new Date(number * 1000).toISOString(),
    author: 'octo@example.com',
    tag: undefined,
    message: undefined,
    triggeredBy: 'upload',
    ...more,
  };
}

export function deployment(at: number, shares: readonly VersionShare[], message?: string): WorkerDeployment {
  return { id: `d${at}`, createdOn: new Date(at * 1000).toISOString(), author: undefined, message, shares };
}

/** `traffic`: which version had all of it, oldest first. */
export function pastOf(traffic: readonly number[], versions: readonly WorkerVersion[]): WorkerPast {
  return {
    deployments: traffic
      .map((number, at) => deployment(at, [{ versionId: idOf(number), percentage: 100 }]))
      .toReversed(),
    versions: [...versions].sort((a, b) => (b.number ?? 0) - (a.number ?? 0)),
  };
}
