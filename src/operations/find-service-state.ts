import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findStateRoot } from '../adapters/state/find-state-root.ts';
import { openServiceState } from '../adapters/state/service-state.ts';
import type { Owner } from '../core/deploy/additions.ts';
import { layout, stateFolder } from '../core/deploy/state-layout.ts';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';

export interface StateQuestion {
  /** owner/name */
  readonly repository: string;
  readonly service: string;
  /** Needed only when this host is several targets for the service. */
  readonly target?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly hostEnv: NodeJS.ProcessEnv;
  /** Take also a target of which nothing was released, when no other is here: one is being deployed, or was to be. */
  readonly evenUnreleased?: boolean | undefined;
}

export interface FoundState {
  readonly owner: Owner;
  readonly stateRoot: string;
  /** Below `stateRoot`. */
  readonly stateFolder: string;
}

/**
 * Where a service's past on this host is. It is found without a checkout, by what was deployed here.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, CONFIG_INVALID when it was deployed here as several targets
 */
export async function findServiceState(question: StateQuestion): Promise<FoundState> {
  const { repository, service } = question;
  const stateRoot = findStateRoot(question.stateDir, question.hostEnv);
  const at = (target: string) => stateFolder({ repository, target, service });
  const targets = question.target === undefined ? await targetsOf(stateRoot, question) : [question.target];
  const those = async (holds: (folder: string) => Promise<boolean>) => {
    const held = await Promise.all(targets.map(async (target) => await holds(join(stateRoot, at(target)))));
    return targets.filter((_target, index) => held[index]);
  };
  // One whose first deployment was refused has a folder as well.
  const released = await those(hasReleases);
  const isOther = released.length === 0 && question.evenUnreleased === true;
  const deployed = isOther ? await those(hasLock) : released;
  const [target, ...others] = deployed;
  if (target === undefined) {
    const where = question.target === undefined ? '' : ` as the target "${printable(question.target, 80)}"`;
    throw new LaunchError(
      'SERVICE_NOT_FOUND',
      `Nothing of "${printable(service, 80)}" of ${printable(repository, 120)} was deployed on this host${where}.`,
      {
        remedy: `Look at \`launch status\`. Releases are sought in ${stateRoot}; \`state-dir\` names another place.`,
      },
    );
  }
  if (others.length > 0) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `This host is several targets of "${service}": ${deployed.join(', ')}.`,
      {
        remedy: 'Name the one that is meant with `target`.',
      },
    );
  }
  return { owner: { repository, target, service }, stateRoot, stateFolder: at(target) };
}

async function targetsOf(root: string, { repository, service }: StateQuestion): Promise<string[]> {
  const above = join(root, stateFolder({ repository, target: 'any', service }), '../..');
  return (await readdir(above).catch(() => [])).sort();
}

async function hasReleases(folder: string): Promise<boolean> {
  return (await openServiceState(folder, false).listReleases()).length > 0;
}

async function hasLock(folder: string): Promise<boolean> {
  return (await stat(join(folder, layout.lock)).catch(() => undefined)) !== undefined;
}
