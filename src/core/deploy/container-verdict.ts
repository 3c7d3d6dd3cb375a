import { printable } from '../names.ts';

/** A container at one moment. */
export interface ContainerNow {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly exitCode: number;
  readonly restarts: number;
  readonly outOfMemory: boolean;
  /** Whether its end with 0 may be its success: nothing keeps it running, and no request comes to it. */
  readonly isJob: boolean;
  /** Undefined where the container has no health check of its own. */
  readonly health: string | undefined;
  /** Whether that was found out before what it is asked for now. */
  readonly isHealthStale: boolean;
  /** What its health check printed last. */
  readonly healthOutput: string;
  /** Why the engine could not start it. */
  readonly error: string;
}

export type ContainerVerdict =
  | { readonly kind: 'good'; readonly probed: boolean; readonly unprobed: readonly string[] }
  | { readonly kind: 'waiting'; readonly on: string; readonly unprobed: readonly string[] }
  | { readonly kind: 'failed'; readonly container: ContainerNow; readonly reason: string };

/** What is known of containers from before, by their ids. */
export interface Expected {
  /** How often each had been started again. */
  readonly restarts: ReadonlyMap<string, number>;
  /** Those that need not run, such as a job of the release before that was made anew and not run again. */
  readonly idle: ReadonlySet<string>;
  /** Those that ran when their release was accepted: none of them is a job that has ended. */
  readonly ran: ReadonlySet<string>;
}

/**
 * What the containers of a project say of its release. One that ends with an error or starts again fails it at
 * once; one that has ended with 0 was a job, if it can be one. `probed` tells that at least one has a health check,
 * and passed it; `unprobed` has the ids of those that run without one.
 */
export function judgeContainers(containers: readonly ContainerNow[], expected: Expected): ContainerVerdict {
  let waiting: string | undefined;
  let probed = false;
  const unprobed: string[] = [];
  for (const container of containers) {
    const { id, name, status, health, isHealthStale } = container;
    const reason = fault(container, expected);
    if (reason !== undefined) return { kind: 'failed', container, reason };
    if (status === 'exited' || (status === 'created' && expected.idle.has(id))) continue;
    if (status !== 'running') waiting ??= `${name} is ${status}`;
    else if (health === 'starting') waiting ??= `${name} has not passed its health check yet`;
    else if (health === 'unhealthy' && isHealthStale)
      waiting ??= `${name} was unhealthy before, and has not passed its health check since`;
    else if (health === 'healthy') probed = true;
    else unprobed.push(id);
  }
  return waiting === undefined
    ? { kind: 'good', probed, unprobed }
    : { kind: 'waiting', on: waiting, unprobed };
}

function fault(container: ContainerNow, { restarts, idle, ran }: Expected): string | undefined {
  const { id, name, status, exitCode } = container;
  const how = `exit status ${exitCode}${container.outOfMemory ? ', out of memory' : ''}`;
  if (container.error !== '') return `${name} could not be started: ${printable(container.error, 300)}`;
  if (status === 'exited') {
    const isDone = exitCode === 0 && (idle.has(id) || (container.isJob && !ran.has(id)));
    return isDone ? undefined : `${name} ended (${how})`;
  }
  if (status === 'dead') return `${name} is dead`;
  if (status === 'restarting' || container.restarts > (restarts.get(id) ?? 0)) {
    return `${name} ended and was started again by its restart policy${exitCode === 0 ? '' : ` (${how})`}`;
  }
  if (status === 'running' && container.health === 'unhealthy' && !container.isHealthStale) {
    const said = printable(container.healthOutput.trim(), 200);
    return `${name} is unhealthy${said === '' ? '' : `: "${said}"`}`;
  }
  return undefined;
}
