import { join } from 'node:path';
import type { Containers, ListedContainer } from '../../adapters/engine/containers.ts';
import { openServiceState, type ServiceState } from '../../adapters/state/service-state.ts';
import { isLeftover, releaseOf } from '../../core/deploy/leftover.ts';
import { describeRemoval, lastRemoval, type Release } from '../../core/deploy/release.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { findServiceState, type StateQuestion } from '../find-service-state.ts';

/** The release that serves a service, and the containers whose logs are its. */
export interface LogSource {
  look(containers: Containers): Promise<{
    /** Undefined when none does. */
    readonly release: string | undefined;
    readonly found: readonly ListedContainer[];
  }>;
  /** Also those that were not asked for. */
  all(containers: Containers): Promise<readonly ListedContainer[]>;
}

/**
 * `wanted`: a container's name, with or without the project before it, or that of a compose service.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, CONFIG_INVALID
 */
export async function findLogSource(question: StateQuestion, wanted: string | undefined): Promise<LogSource> {
  const { stateRoot, stateFolder } = await findServiceState({ ...question, evenUnreleased: true });
  const state = openServiceState(join(stateRoot, stateFolder), false);
  const project = await projectOf(state, question.service);
  const all = async (containers: Containers) =>
    await containers.list([`com.docker.compose.project=${project}`, 'com.docker.compose.oneoff=False']);
  return {
    all,
    async look(containers) {
      const [current, listed] = await Promise.all([state.readCurrent(), all(containers)]);
      const isAsked = (it: ListedContainer) => wanted === undefined || namesOf(it, project).includes(wanted);
      const asked = listed.filter(isAsked);
      // What a failed release has left is no part of the one that serves; whoever names it means it.
      const left = wanted === undefined ? await leftoversAmong(asked, state, current) : new Set();
      return { release: current?.id, found: asked.filter((it) => !left.has(it)) };
    },
  };
}

/** All by which people call a container. */
export function namesOf({ name, labels }: ListedContainer, project: string): string[] {
  const service = labels['com.docker.compose.service'];
  const short = name.startsWith(`${project}-`) ? [name.slice(project.length + 1)] : [];
  return [name, ...short, ...(service === undefined ? [] : [service])];
}

async function projectOf(state: ServiceState, service: string): Promise<string> {
  const name = printable(service, 80);
  const newest = (await state.listReleases()).at(-1);
  const release =
    (await state.readCurrent()) ?? (newest === undefined ? undefined : await state.readRelease(newest));
  if (release?.project !== undefined) return release.project;
  const under = (await state.readJournal()).findLast((it) => it.project !== undefined)?.project;
  if (under !== undefined) return under;
  if (release === undefined) {
    const removal = lastRemoval(await state.readHistory());
    const why = removal === undefined ? '' : ` ${printable(describeRemoval(removal), 300)}.`;
    throw new LaunchError('SERVICE_NOT_FOUND', `Nothing of "${name}" serves on this host.${why}`, {
      remedy: 'Look at `launch status` and `launch history`.',
    });
  }
  throw new LaunchError(
    'CONFIG_INVALID',
    `"${name}" has no containers: its own deploy.sh starts what serves, and Launch does not know where that writes its log.`,
    { remedy: 'Look where deploy.sh sends it: `journalctl --unit` of the unit that it starts, or a file.' },
  );
}

async function leftoversAmong(
  listed: readonly ListedContainer[],
  state: ServiceState,
  current: Release | undefined,
): Promise<ReadonlySet<ListedContainer>> {
  const left = new Set<ListedContainer>();
  for (const it of listed) {
    const labelled = { id: it.id, labels: it.labels, status: it.state };
    const made = releaseOf(labelled);
    const record = made === undefined ? undefined : await state.readRelease(made);
    if (isLeftover(labelled, record, current)) left.add(it);
  }
  return left;
}
