import { describeFreeze } from '../../core/deploy/freeze.ts';
import { readHistory, type ServiceHistory } from '../../operations/read-history.ts';
import { isWorker } from '../../operations/worker/is-worker.ts';
import { deploymentCells, deploymentHeader, expendableOfDeployment } from '../deployment-cells.ts';
import type { HistoryFlags } from '../flags.ts';
import type { HistoryOutput } from '../output/history.ts';
import { placeOf } from '../place.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { printTable } from '../table.ts';
import { targetHere } from '../target-here.ts';

export async function history(
  context: CommandContext,
  service: string,
  flags: HistoryFlags,
): Promise<CommandResult<HistoryOutput>> {
  const { cwd } = context;
  if (await isWorker(cwd, { service, target: flags.target })) {
    const { historyOfWorker } = await import('./worker.ts');
    return await historyOfWorker(context, service, flags);
  }
  const place = await placeOf(cwd, service, flags);
  const target = await targetHere(cwd, place, flags);
  const { deployments, current, left, restorable, frozen } = await readHistory({ ...place, target });
  const shown = deployments.slice(0, flags.limit);
  return {
    json: {
      service,
      target,
      current: current ?? null,
      left: left ?? null,
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
        ['', ...deploymentHeader],
        shown.map((it) => [markOf(it.release, { current, left, restorable }), ...deploymentCells(it)]),
        expendableOfDeployment,
      );
      const serves =
        left === undefined
          ? '* serves'
          : '! failed and was left as it is, over * which was the last healthy one';
      process.stdout.write(`${serves}, + is kept and can be gone back to\n`);
      if (frozen !== undefined) process.stdout.write(`The service is ${describeFreeze(frozen)}.\n`);
    },
  };
}

function markOf(
  release: string,
  { current, left, restorable }: Pick<ServiceHistory, 'current' | 'left' | 'restorable'>,
): string {
  if (release === current) return '*';
  if (release === left) return '!';
  return restorable.includes(release) ? '+' : '';
}
