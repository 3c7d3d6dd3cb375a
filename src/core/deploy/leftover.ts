import { isReleaseId, type Release } from './release.ts';

/** A container, with what compose has noted on it. */
export interface Labelled {
  readonly id: string;
  readonly labels: Readonly<Record<string, unknown>>;
  /** As the engine calls it: `created`, `running`, ... */
  readonly status?: string;
}

/**
 * The release that a container was made for: compose notes where it was called from, which is that release's own
 * folder. By which path the state was reached then is no matter. Undefined for what Launch did not start.
 */
export function releaseOf({ labels }: Labelled): string | undefined {
  for (const label of ['config_files', 'working_dir']) {
    const from = labels[`com.docker.compose.project.${label}`];
    const first = typeof from === 'string' ? (from.split(',')[0] ?? '') : '';
    const parts = first.split('/');
    const id = parts.find((part, at) => parts[at - 1] === 'releases' && isReleaseId(part));
    if (id !== undefined) return id;
  }
  return undefined;
}

/**
 * Whether a container was left beside the ones that serve, by a release that was never accepted: the proxy must
 * not lead there, and the next deployment removes it. The same goes for one that never ran: the engine may have made
 * it only after its release had been taken back.
 *
 * `made`: the release that it was made for, where its record is still there.
 */
export function isLeftover(
  { id, status }: Labelled,
  made: Pick<Release, 'leftBeside' | 'status'> | undefined,
  current: Pick<Release, 'containers'> | undefined,
): boolean {
  if (made === undefined || current?.containers.some((it) => it.id === id) === true) return false;
  return made.leftBeside === true || (status === 'created' && isTakenBack(made));
}

function isTakenBack({ status }: Pick<Release, 'status'>): boolean {
  return status === 'rolled-back' || status === 'failed';
}
