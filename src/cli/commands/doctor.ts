import { findStateRoot } from '../../adapters/state/find-state-root.ts';
import { diagnoseHost } from '../../operations/diagnose-host.ts';
import { exitCodes } from '../exit-codes.ts';
import type { StateFlags } from '../flags.ts';
import type { DoctorOutput } from '../output/doctor.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { printTable } from '../table.ts';

export async function doctor(
  { cwd }: CommandContext,
  flags: StateFlags,
): Promise<CommandResult<DoctorOutput>> {
  const findings = await diagnoseHost({
    cwd,
    stateRoot: findStateRoot(flags.stateDir, process.env),
    env: process.env,
    nodeVersion: process.version,
    apiUrl: process.env['GITHUB_API_URL'] || 'https://api.github.com',
  });
  const broken = findings.some((finding) => finding.state === 'failed');
  return {
    json: { healthy: !broken, findings },
    print: () =>
      printTable(
        ['CHECK', 'STATE', 'FOUND', 'TO DO'],
        findings.map((it) => [it.subject, it.state, it.detail, it.remedy]),
      ),
    exitCode: broken ? exitCodes.failed : exitCodes.ok,
  };
}
