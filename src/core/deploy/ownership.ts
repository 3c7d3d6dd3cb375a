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
  const by = foreign.labels['launch.service'];
  const whose =
    by === undefined
      ? 'was not started by Launch'
      : `belongs to the service ${printable(by, 80)} of ${printable(foreign.labels['launch.repository'] ?? 'an unknown repository', 120)} on the target ${printable(foreign.labels['launch.target'] ?? '?', 80)}`;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The compose project "${context.project}" is in use: its container ${printable(foreign.name, 80)} ${whose}.`,
    {
      remedy:
        'Nothing has been changed. Give this service another project by `name:` in its compose file, or stop the other one.',
    },
  );
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
