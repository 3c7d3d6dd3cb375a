import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import {
  type ContainerNow,
  type ContainerVerdict,
  type Expected,
  judgeContainers,
} from '../../../core/deploy/container-verdict.ts';
import { isHealthStale } from '../../../core/deploy/stale-health.ts';
import { cutRedactor, redactor } from '../../../core/secrets/redact.ts';
import { boundedLine, shownLines } from '../run-script.ts';
import { isJob } from './meant-to-run.ts';
import { retriesOf } from './own-health.ts';

/** The containers of a compose project, without those of `compose run`. */
export async function inspectProject(containers: Containers, project: string): Promise<InspectedContainer[]> {
  const listed = await containers.list([
    `com.docker.compose.project=${project}`,
    'com.docker.compose.oneoff=False',
  ]);
  const inspected = await Promise.all(listed.map(async ({ id }) => await containers.inspect(id)));
  return inspected.filter((it) => it !== undefined);
}

export function nameOf(container: InspectedContainer): string {
  return container.Name.replace(/^\//, '');
}

/**
 * The values in the environment of these containers: where nobody has said what is secret, all of them may be.
 */
export function environmentValues(containers: readonly InspectedContainer[]): string[] {
  const lines = containers.flatMap(({ Config: { Env: env } }) => (Array.isArray(env) ? env : []));
  return lines.map((line) => String(line).replace(/^[^=]*=/, ''));
}

/** When its last health checks ended, as the engine writes it. */
export function resultsOf({ State }: InspectedContainer): string[] {
  return (State.Health?.Log ?? []).flatMap(({ End }) => End ?? []);
}

/** `hide` frees of secrets what others say of it, before that is cut to its length. */
function now(container: InspectedContainer, { hide, results, passed, routed }: KnownBefore): ContainerNow {
  const { State: state } = container;
  const engine = {
    failingStreak: state.Health?.FailingStreak,
    ends: resultsOf(container),
    retries: retriesOf(container),
  };
  const isStale = isHealthStale(engine, results?.get(container.Id));
  const said = state.Health?.Status === 'none' ? undefined : state.Health?.Status;
  const isUnsettled = said === 'starting' || (said === 'unhealthy' && isStale);
  return {
    id: container.Id,
    name: nameOf(container),
    status: state.Status,
    exitCode: state.ExitCode,
    restarts: container.RestartCount ?? 0,
    outOfMemory: state.OOMKilled ?? false,
    isJob: isJob(container, routed),
    health: isUnsettled && passed?.has(container.Id) ? 'healthy' : said,
    isHealthStale: isStale,
    healthOutput: hide(state.Health?.Log?.at(-1)?.Output ?? ''),
    error: hide(state.Error ?? ''),
  };
}

/** Looks at a project once. A project without containers has not started at all. */
export async function lookAt(
  containers: Containers,
  project: string,
  known: KnownBefore,
): Promise<ContainerVerdict> {
  const found = ownOf(await inspectProject(containers, project), known.only);
  if (found.length > 0) return judgeFound(found, known);
  return { kind: 'waiting', on: `no container of the project ${project} is there`, unprobed: [] };
}

/** What is known of containers beside what the engine says of them now. */
export interface KnownBefore extends Expected {
  /** Frees of secrets what the engine says of them. */
  readonly hide: (text: string) => string;
  /** Those whose own health check we have seen pass, whatever the engine says so far. */
  readonly passed?: ReadonlySet<string>;
  /** The ends of the health checks of those that have run on; a result among them says nothing of now. */
  readonly results?: ReadonlyMap<string, ReadonlySet<string>>;
  /** The compose service that requests are led to. */
  readonly routed?: string | undefined;
  /** Where others may be there: the only ones that count. */
  readonly only?: ReadonlySet<string> | undefined;
}

export function ownOf(
  found: readonly InspectedContainer[],
  only: ReadonlySet<string> | undefined,
): readonly InspectedContainer[] {
  return only === undefined ? found : found.filter((it) => only.has(it.Id));
}

export function judgeFound(found: readonly InspectedContainer[], known: KnownBefore): ContainerVerdict {
  return judgeContainers(
    found.map((it) => now(it, known)),
    known,
  );
}

/** The last lines of one container; of all of the project when none is named, newest containers first. */
export async function tailOf(
  containers: Containers,
  project: string,
  container: string | undefined,
  secrets: readonly string[],
): Promise<string[]> {
  const hide = hideLines(secrets);
  if (container !== undefined) return hide(await containers.tail(container, shownLines)).map(boundedLine);
  const all = await inspectProject(containers, project);
  const parts = await Promise.all(
    all.slice(0, 3).map(async (it) => {
      const lines = await containers.tail(it.Id, shownLines / 2);
      return hide(lines).map((line) => boundedLine(`${nameOf(it)} | ${line}`));
    }),
  );
  return parts.flat();
}

/** The engine counts a long line in parts of 16 KiB, so that the first one may begin in the middle of a secret. */
function hideLines(secrets: readonly string[]): (lines: readonly string[]) => string[] {
  const [hideFirst, hide] = [cutRedactor(secrets, 'start'), redactor(secrets)];
  return (lines) => lines.map((line, at) => (at === 0 ? hideFirst(line) : hide(line)));
}
