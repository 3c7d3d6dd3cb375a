import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import type { Owner } from './additions.ts';

/** A container that bears the project's name. */
export interface ProjectContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface OwnershipContext {
  readonly project: string;
  readonly owner: Owner;
  /** The service's state folder: what was started from in there is its own. */
  readonly state: string;
  /** Containers of the current release, whatever their labels say (a script may have started them its own way). */
  readonly known: ReadonlySet<string>;
}

/**
 * Refuses a compose project that somebody else has started: deploying would replace their containers.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function assertOwnProject(containers: readonly ProjectContainer[], context: OwnershipContext): void {
  const foreign = containers.find((container) => !isOwn(container, context));
  if (foreign === undefined) return;
  const isAnothers = foreign.labels[serviceLabel] !== undefined;
  throw new LaunchError('CONFIG_INVALID', inUse(foreign, context), {
    remedy: isAnothers
      ? `Nothing has been changed. ${instead} \`launch adopt\` takes over only what Launch has not started.`
      : `Nothing has been changed. To take it over as it runs, run \`launch adopt ${context.owner.service}\` on this host. ${otherwise}`,
  });
}

/**
 * Refuses to take over a compose project that is another service's, this one's already, or does not run.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function assertTakeable(
  containers: readonly (ProjectContainer & { readonly running: boolean })[],
  /** `others`: projects that run on this host and are not Launch's. */
  context: OwnershipContext & { readonly others: readonly string[] },
): void {
  const { project, owner } = context;
  const unlabelled = containers.filter(({ labels }) => labels[serviceLabel] === undefined);
  const anothers = containers.find((it) => !unlabelled.includes(it) && !isOwn(it, context));
  if (anothers !== undefined) {
    throw new LaunchError('CONFIG_INVALID', inUse(anothers, context), {
      remedy: `Nothing has been changed. What Launch has started is not taken over. ${instead}`,
    });
  }
  if (containers.length > 0 && containers.every((it) => isOwn(it, context))) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `The compose project "${project}" is the service "${owner.service}" of Launch already.`,
      { remedy: `There is nothing to take over: deploy it with \`launch deploy ${owner.service}\`.` },
    );
  }
  if (containers.some(({ running }) => running)) return;
  const named = context.others.map((it) => printable(it, 80)).join(', ');
  throw new LaunchError('CONFIG_INVALID', `Nothing runs in the compose project "${project}".`, {
    remedy: `To deploy the service, run \`launch deploy ${owner.service}\`. If it runs under another name, write that as \`name:\` into its compose file and commit it${named === '' ? '' : `; these run here: ${named}`}.`,
  });
}

/**
 * Which of a project's containers a removal takes down: none where another service of Launch has the project now.
 *
 * @throws LaunchError CONFIG_INVALID where containers are there that Launch has not started, or two services share it
 */
export function ownToRemove<T extends ProjectContainer>(
  containers: readonly T[],
  context: OwnershipContext,
): { readonly own: readonly T[]; readonly takenBy: string | undefined } {
  const own = containers.filter((it) => isOwn(it, context));
  const foreign = containers.find((it) => !own.includes(it));
  if (foreign === undefined) return { own, takenBy: undefined };
  const takenBy = foreign.labels[serviceLabel];
  const isAnothers = containers.every(({ labels }) => labels[serviceLabel] !== undefined);
  if (own.length === 0 && isAnothers && takenBy !== undefined) return { own, takenBy };
  throw new LaunchError('CONFIG_INVALID', inUse(foreign, context), {
    remedy: `Nothing has been changed. Look at \`docker ps --all --filter label=com.docker.compose.project=${context.project}\`, and remove by hand what is to go.`,
  });
}

const serviceLabel = 'launch.service';
const wayOut = 'this service another project by `name:` in its compose file, or stop the other one.';
const instead = `Give ${wayOut}`;
const otherwise = `Else give ${wayOut}`;

function inUse({ name, labels }: ProjectContainer, { project }: OwnershipContext): string {
  const by = labels[serviceLabel];
  const whose =
    by === undefined
      ? 'was not started by Launch'
      : `belongs to the service ${printable(by, 80)} of ${printable(labels['launch.repository'] ?? 'an unknown repository', 120)} on the target ${printable(labels['launch.target'] ?? '?', 80)}`;
  return `The compose project "${project}" is in use: its container ${printable(name, 80)} ${whose}.`;
}

function isOwn(container: ProjectContainer, context: OwnershipContext): boolean {
  const { owner, state, known } = context;
  const { labels } = container;
  if (labels['launch.service'] !== undefined) {
    return (
      labels['launch.service'] === owner.service &&
      labels['launch.target'] === owner.target &&
      labels['launch.repository'] === owner.repository
    );
  }
  const from = labels['com.docker.compose.project.working_dir'] ?? '';
  return known.has(container.id) || from === state || from.startsWith(`${state}/`);
}
