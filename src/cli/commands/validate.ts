import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { formatPlace } from '../../core/errors.ts';
import { toSarif } from '../../core/validation/sarif.ts';
import { verdict } from '../../core/validation/summary.ts';
import { validateServices } from '../../operations/validate-services.ts';
import { locateForValidation } from '../../operations/validation/locate.ts';
import { oneOf } from '../choice.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ValidateFlags } from '../flags.ts';
import type { ValidateOutput } from '../output/validate.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { paint } from '../terminal.ts';

export async function validate(
  { cwd, reporter }: CommandContext,
  services: readonly string[],
  flags: ValidateFlags,
): Promise<CommandResult<ValidateOutput>> {
  const files = flags.requiredFiles?.split(',').map((name) => name.trim());
  const report = await validateServices(
    {
      ...locateForValidation(cwd),
      services: services.length === 0 ? 'all' : services,
      ...(files === undefined ? {} : { requiredFiles: files }),
      shellcheck: {
        severity: oneOf('--shellcheck', ['warning', 'error', 'info', 'style', 'off'], flags.shellcheck),
        required: flags.shellcheck !== undefined,
        path: process.env['PATH'] ?? '',
        toolCache: join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'launch'),
      },
      failOn: oneOf('--fail-on', ['error', 'warning'], flags.failOn),
      env: process.env,
    },
    reporter,
  );
  if (flags.sarif !== undefined)
    await writeFile(flags.sarif, `${JSON.stringify(await toSarif(report), null, 2)}\n`);
  return {
    json: report,
    print() {
      for (const { severity, place, rule, message, remedy } of report.problems) {
        const word = paint(severity === 'error' ? 'red' : 'yellow', severity, process.stdout);
        process.stdout.write(`${formatPlace(place)}: ${word}: ${message} ${remedy} [${rule}]\n`);
      }
      for (const note of report.notes) reporter.info(note);
      process.stdout.write(`${verdict(report)}\n`);
    },
    exitCode: report.valid ? exitCodes.ok : exitCodes.failed,
  };
}
