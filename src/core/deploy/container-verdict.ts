import { printable } from '../names.ts';

/** A container at one moment. */
export interface ContainerNow {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly exitCode: number;
  readonly restarts: number;
  readonly outOfMemory: boolean;
  /** Undefined where the container has no health check of its own. */
  readonly health: string | undefined;
  /** What its health check printed last. */
  readonly healthOutput: string;
  /** Why the engine could not start it. */
  readonly error: string;
}

export type ContainerVerdict =
  | { readonly kind: 'good'; readonly probed: boolean }
  | { readonly kind: 'waiting'; readonly on: string }
  | { readonly kind: 'failed'; readonly container: ContainerNow; readonly reason: string };

/**
 * What the containers of a project say of its release. One that ends with an error or starts again fails it at
 * once; one that has ended with 0 was a job. `probed` tells that at least one has a health check, and passed it.
 * `idle`: those that need not run, such as a job of the release before that was made anew and not run again.
 */
export function judgeContainers(
  containers: readonly ContainerNow[],
  restartsBefore: ReadonlyMap<string, number>,
  idle: ReadonlySet<string> = new Set(),
): ContainerVerdict {
  let waiting: string | undefined;
  let probed = false;
  for (const container of containers) {
    const reason = fault(container, restartsBefore.get(container.id) ?? 0);
    if (reason !== undefined) return { kind: 'failed', container, reason };
    if (container.status === 'exited') continue;
    if (container.status === 'created' && idle.has(container.id)) continue;
    if (container.status !== 'running') waiting ??= `${container.name} is ${container.status}`;
    else if (container.health === 'starting')
      waiting ??= `${container.name} has not passed its health check yet`;
    else if (container.health === 'healthy') probed = true;
  }
  return waiting === undefined ? { kind: 'good', probed } : { kind: 'waiting', on: waiting };
}

function fault(container: ContainerNow, restartsBefore: number): string | undefined {
  const { name, status, exitCode } = container;
  const how = `exit status ${exitCode}${container.outOfMemory ? ', out of memory' : ''}`;
  if (container.error !== '') return `${name} could not be started: ${printable(container.error, 300)}`;
  if (status === 'exited' && exitCode !== 0) return `${name} ended (${how})`;
  if (status === 'dead') return `${name} is dead`;
  if (status === 'restarting' || container.restarts > restartsBefore) {
    return `${name} ended and was started again by its restart policy${exitCode === 0 ? '' : ` (${how})`}`;
  }
  if (container.health === 'unhealthy') {
    const said = printable(container.healthOutput.trim(), 200);
    return `${name} is unhealthy${said === '' ? '' : `: "${said}"`}`;
  }
  return undefined;
}
