import { workingTreeView } from '../../adapters/files/working-tree.ts';
import { formatDuration } from '../../core/config/duration.ts';
import { describeFreeze } from '../../core/deploy/freeze.ts';
import { LaunchError } from '../../core/errors.ts';
import { findFolder, loadProject } from '../../core/project/project.ts';
import { loadService } from '../../core/project/service.ts';
import { locateProject } from '../../operations/locate-project.ts';
import { readHistory } from '../../operations/read-history.ts';
import type { HistoryFlags } from '../flags.ts';
import { placeOf } from '../place.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { printTable } from '../table.ts';

export async function history(
  { cwd }: CommandContext,
  service: string,
  flags: HistoryFlags,
): Promise<CommandResult> {
  const target = flags.target ?? (await onlyTarget(cwd, service));
  const { deployments, current, restorable, frozen } = await readHistory({
    ...(await placeOf(cwd, service, flags)),
    target,
  });
  const shown = deployments.slice(0, flags.limit);
  return {
    json: {
      service,
      target,
      current: current ?? null,
      frozen: frozen ?? null,
      restorable,
      deployments: shown,
    },
    async print() {
      if (shown.length === 0) {
        process.stdout.write(`Nothing was deployed of "${service}" for "${target}" on this machine.\n`);
        return;
      }
      await printTable(
        ['', 'RELEASE', 'STATUS', 'COMMIT', 'BY', 'TOOK', 'RESTORED', 'REASON'],
        shown.map((it) => [
          it.release === current ? '*' : restorable.includes(it.release) ? '+' : '',
          it.release,
          it.restores !== undefined && it.status === 'deployed' ? 'taken back' : it.status,
          it.commit.slice(0, 12),
          it.by ?? '',
          formatDuration(it.durationMs),
          it.restores ?? '',
          it.reason ?? '',
        ]),
      );
      process.stdout.write('* serves, + is kept and can be gone back to\n');
      if (frozen !== undefined) process.stdout.write(`The service is ${describeFreeze(frozen)}.\n`);
    },
  };
}

/** @throws LaunchError CONFIG_INVALID when the service has several. */
export async function onlyTarget(cwd: string, name: string): Promise<string> {
  const location = locateProject(cwd);
  const project = await loadProject(workingTreeView(location.top), location);
  const { placements } = await loadService(project, findFolder(project, name));
  const [only, ...others] = placements;
  if (only !== undefined && others.length === 0) return only.target.name;
  throw new LaunchError('CONFIG_INVALID', `"${name}" has several targets.`, {
    remedy: `Name the one that this machine is with --target: ${placements.map((it) => it.target.name).join(', ')}.`,
  });
}
