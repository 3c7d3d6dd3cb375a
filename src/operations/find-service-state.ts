import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findStateRoot } from '../adapters/state/find-state-root.ts';
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
  const deployed: string[] = [];
  for (const target of targets) if (await isThere(join(stateRoot, at(target)))) deployed.push(target);
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

async function isThere(folder: string): Promise<boolean> {
  const found = await stat(join(folder, layout.releases)).catch(() => undefined);
  return found?.isDirectory() === true;
}
