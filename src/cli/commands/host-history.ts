import { findStateRoot } from '../../adapters/state/find-state-root.ts';
import { readHostHistory } from '../../operations/read-host-history.ts';
import { deploymentCells, deploymentHeader, expendableOfDeployment } from '../deployment-cells.ts';
import type { HistoryFlags } from '../flags.ts';
import type { HistoryOutput } from '../output/history.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { printTable } from '../table.ts';

/** `launch history` without a service. */
export async function hostHistory(
  _context: CommandContext,
  flags: HistoryFlags,
): Promise<CommandResult<HistoryOutput>> {
  const stateRoot = findStateRoot(flags.stateDir, process.env);
  const { repository, target, limit } = flags;
  const deployments = (await readHostHistory({ stateRoot, repository, target })).slice(0, limit);
  return {
    json: { stateRoot, deployments },
    async print() {
      if (deployments.length === 0) {
        process.stdout.write(`Nothing was deployed on this machine, as far as ${stateRoot} tells.\n`);
        return;
      }
      await printTable(
        ['SERVICE', 'TARGET', ...deploymentHeader],
        deployments.map((it) => [it.service, it.target, ...deploymentCells(it)]),
        expendableOfDeployment,
      );
    },
  };
}
