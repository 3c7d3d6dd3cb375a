import { type RecoveredService, recoverHost } from '../../operations/recover-host.ts';
import { exitCodes } from '../exit-codes.ts';
import type { StateFlags } from '../flags.ts';
import type { RecoverOutput } from '../output/recover.ts';
import { whoAmI } from '../place.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { printTable } from '../table.ts';

export async function recover(
  { reporter }: CommandContext,
  flags: StateFlags,
): Promise<CommandResult<RecoverOutput>> {
  const services = await recoverHost(
    {
      stateDir: flags.stateDir,
      by: `launch recover by ${whoAmI()}`,
      hostEnv: process.env,
    },
    reporter,
  );
  return {
    json: { services },
    async print() {
      if (services.length === 0) {
        process.stdout.write('Nothing was cut off on this machine.\n');
        return;
      }
      await printTable(
        ['SERVICE', 'TARGET', 'RELEASE', 'WHAT WAS DONE'],
        services.map((it) => [
          it.service,
          it.target,
          'release' in it.result ? it.result.release : '',
          describe(it.result),
        ]),
      );
    },
    exitCode: Math.max(exitCodes.ok, ...services.map(exitCodeOf)),
  };
}

export function describe(result: RecoveredService['result']): string {
  switch (result.kind) {
    case 'nothing':
      return 'nothing: it is in order';
    case 'dropped':
      return 'dropped: it had not started';
    case 'finished':
      return 'finished: it was healthy and stays';
    case 'undone':
      return result.outcome.status === 'rolled-back'
        ? 'undone: the release before it serves'
        : `undone: ${result.outcome.notPutBack ?? 'there was no release before it'}`;
    case 'removed':
      return 'taken down: it was to go';
    case 'not-removed':
      return 'left: its remove.sh failed';
    case 'left':
      return `left: ${result.because}`;
  }
}

function exitCodeOf({ result }: RecoveredService): number {
  if (result.kind === 'left') return exitCodes.failed;
  const isDown = result.kind === 'undone' && result.outcome.notPutBack !== undefined;
  return isDown ? exitCodes.down : exitCodes.ok;
}
