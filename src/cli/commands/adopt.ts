import { counted } from '../../core/counted.ts';
import { type Adoption, adoptService } from '../../operations/adopt-service.ts';
import { readEnv } from '../env.ts';
import type { AdoptFlags } from '../flags.ts';
import { interruption } from '../interruption.ts';
import type { AdoptOutput } from '../output/adopt.ts';
import { whoAmI } from '../place.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { readSecrets } from '../secrets.ts';
import { printTable } from '../table.ts';

export async function adopt(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: AdoptFlags,
): Promise<CommandResult<AdoptOutput>> {
  const adoption = await adoptService(
    {
      cwd,
      service,
      target: flags.target,
      secrets: await readSecrets(flags.secretsFile),
      env: readEnv(flags.env),
      timeoutMs: (flags.timeout ?? 300) * 1000,
      stateDir: flags.stateDir,
      dryRun: flags.dryRun === true,
      by: whoAmI(),
      hostEnv: process.env,
      signal: interruption(),
    },
    reporter,
  );
  return { json: { ...adoption, release: adoption.release ?? null }, print: () => print(adoption) };
}

async function print({ service, status, project, release, containers, differs }: Adoption): Promise<void> {
  await printTable(
    ['SERVICE', 'STATUS', 'PROJECT', 'RELEASE', 'CONTAINERS'],
    [[service, status, project, release ?? '', containers.join(', ')]],
  );
  const next =
    differs.length === 0
      ? 'What runs is what the commit says: a deployment of it has nothing to do.'
      : `${counted(differs.length, 'difference')} from the commit, listed above. The next deployment makes what runs equal to it, and touches nothing else.`;
  process.stdout.write(`${next}\n`);
}
