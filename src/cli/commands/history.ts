import { workingTreeView } from '../../adapters/files/working-tree.ts';
import { formatDuration } from '../../core/config/duration.ts';
import { LaunchError } from '../../core/errors.ts';
import { findFolder, loadProject } from '../../core/project/project.ts';
import { loadService } from '../../core/project/service.ts';
import { locateProject } from '../../operations/locate-project.ts';
import { nameRepository } from '../../operations/name-repository.ts';
import { readHistory } from '../../operations/read-history.ts';
import type { HistoryFlags } from '../flags.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { printTable } from '../table.ts';

export async function history(
  { cwd }: CommandContext,
  service: string,
  flags: HistoryFlags,
): Promise<CommandResult> {
  const location = locateProject(cwd);
  const target = flags.target ?? (await onlyTarget(location.top, location, service));
  const { deployments, current } = await readHistory({
    repository: await nameRepository(location.top),
    target,
    service,
    stateDir: flags.stateDir,
    hostEnv: process.env,
  });
  const shown = deployments.slice(0, flags.limit);
  return {
    json: { service, target, current: current ?? null, deployments: shown },
    async print() {
      if (shown.length === 0) {
        process.stdout.write(`Nothing was deployed of "${service}" for "${target}" on this machine.\n`);
        return;
      }
      await printTable(
        ['', 'RELEASE', 'STATUS', 'COMMIT', 'BY', 'TOOK', 'REASON'],
        shown.map((it) => [
          it.release === current ? '*' : '',
          it.release,
          it.status,
          it.commit.slice(0, 12),
          it.by ?? '',
          formatDuration(it.durationMs),
          it.reason ?? '',
        ]),
      );
    },
  };
}

/** @throws LaunchError CONFIG_INVALID when the service has several. */
export async function onlyTarget(
  top: string,
  location: Parameters<typeof loadProject>[1],
  name: string,
): Promise<string> {
  const project = await loadProject(workingTreeView(top), location);
  const { placements } = await loadService(project, findFolder(project, name));
  const [only, ...others] = placements;
  if (only !== undefined && others.length === 0) return only.target.name;
  throw new LaunchError('CONFIG_INVALID', `"${name}" has several targets.`, {
    remedy: `Name the one that this machine is with --target: ${placements.map((it) => it.target.name).join(', ')}.`,
  });
}
