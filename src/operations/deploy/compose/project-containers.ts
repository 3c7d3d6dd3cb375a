import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import {
  type ContainerNow,
  type ContainerVerdict,
  judgeContainers,
} from '../../../core/deploy/container-verdict.ts';
import { cutRedactor, redactor } from '../../../core/secrets/redact.ts';
import { boundedLine, shownLines } from '../run-script.ts';

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

export function labelsOf({ Config }: Pick<InspectedContainer, 'Config'>): Readonly<Record<string, unknown>> {
  const labels = Config['Labels'];
  return typeof labels === 'object' && labels !== null ? { ...labels } : {};
}

export function labelOf(container: InspectedContainer, label: string): string {
  const value = labelsOf(container)[label];
  return typeof value === 'string' ? value : '';
}

export const serviceLabel = 'com.docker.compose.service';
export const dependsOnLabel = 'com.docker.compose.depends_on';

/**
 * The values in the environment of these containers: where nobody has said what is secret, all of them may be.
 */
export function environmentValues(containers: readonly InspectedContainer[]): string[] {
  const lines = containers.flatMap(({ Config: { Env: env } }) => (Array.isArray(env) ? env : []));
  return lines.map((line) => String(line).replace(/^[^=]*=/, ''));
}

/** `hide` frees of secrets what others say of it, before that is cut to its length. */
export function now(container: InspectedContainer, hide: (text: string) => string): ContainerNow {
  const { State: state } = container;
  return {
    id: container.Id,
    name: nameOf(container),
    status: state.Status,
    exitCode: state.ExitCode,
    restarts: container.RestartCount ?? 0,
    outOfMemory: state.OOMKilled ?? false,
    health: state.Health?.Status === 'none' ? undefined : state.Health?.Status,
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
  const found = await inspectProject(containers, project);
  if (found.length > 0) return judgeFound(found, known);
  return { kind: 'waiting', on: `no container of the project ${project} is there` };
}

/** What is known of containers beside what the engine says of them now. */
export interface KnownBefore {
  /** How often each had been started again before. */
  readonly restarts: ReadonlyMap<string, number>;
  /** Those that did not run before either. */
  readonly idle: ReadonlySet<string>;
  /** Frees of secrets what the engine says of them. */
  readonly hide: (text: string) => string;
  /** Those whose own health check we have seen pass, whatever the engine says so far. */
  readonly passed?: ReadonlySet<string>;
}

export function judgeFound(
  found: readonly InspectedContainer[],
  { restarts, idle, hide, passed = new Set() }: KnownBefore,
): ContainerVerdict {
  const states = found.map((it) => {
    const state = now(it, hide);
    return state.health === 'starting' && passed.has(it.Id) ? { ...state, health: 'healthy' } : state;
  });
  return judgeContainers(states, restarts, idle);
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
