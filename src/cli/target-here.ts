import { workingTreeView } from '../adapters/files/working-tree.ts';
import { LaunchError } from '../core/errors.ts';
import { findFolder, loadProject } from '../core/project/project.ts';
import { loadService } from '../core/project/service.ts';
import { findServiceState, type StateQuestion } from '../operations/find-service-state.ts';
import { locateProject } from '../operations/locate-project.ts';
import type { PlaceFlags } from './flags.ts';

/**
 * The target that this machine is for a service: the one that is named, else the only one that was deployed here,
 * else the only one that the checkout knows, if it is that of the repository that is meant.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, CONFIG_INVALID when there are several
 */
export async function targetHere(cwd: string, question: StateQuestion, flags: PlaceFlags): Promise<string> {
  if (flags.target !== undefined) return flags.target;
  try {
    return (await findServiceState(question)).owner.target;
  } catch (error) {
    if (!(error instanceof LaunchError) || flags.repository !== undefined) throw error;
    return await onlyTarget(cwd, question.service);
  }
}

async function onlyTarget(cwd: string, name: string): Promise<string> {
  const location = locateProject(cwd);
  const project = await loadProject(workingTreeView(location.top), location);
  const { placements } = await loadService(project, findFolder(project, name));
  const [only, ...others] = placements;
  if (only !== undefined && others.length === 0) return only.target.name;
  throw new LaunchError('CONFIG_INVALID', `"${name}" has several targets.`, {
    remedy: `Name the one that this machine is with --target: ${placements.map((it) => it.target.name).join(', ')}.`,
  });
}
