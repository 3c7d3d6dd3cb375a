import { diagnoseTargets } from '../../operations/diagnose-targets.ts';
import { exitCodes } from '../exit-codes.ts';
import type { DoctorTargetsOutput } from '../output/doctor.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { printTable } from '../table.ts';

export async function doctorTargets({ cwd }: CommandContext): Promise<CommandResult<DoctorTargetsOutput>> {
  const { env } = process;
  const { targets, findings } = await diagnoseTargets({
    cwd,
    token: env['GITHUB_TOKEN'] || env['GH_TOKEN'] || undefined,
    apiUrl: env['GITHUB_API_URL'] || 'https://api.github.com',
  });
  const broken = findings.some(({ state }) => state === 'failed');
  return {
    json: {
      healthy: !broken,
      targets: targets.map((it) => ({
        ...it,
        runners: it.runners ?? null,
        environment: it.environment ?? null,
      })),
      findings,
    },
    print: () =>
      printTable(
        ['CHECK', 'STATE', 'FOUND', 'TO DO'],
        findings.map((it) => [it.subject, it.state, it.detail, it.remedy]),
      ),
    exitCode: broken ? exitCodes.failed : exitCodes.ok,
  };
}
