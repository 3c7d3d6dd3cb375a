import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { readChannels } from '../../core/notify/read-channels.ts';
import { nameRepository } from '../../operations/name-repository.ts';
import { deliverReport } from '../../operations/notify/deliver-report.ts';
import { silentReporter } from '../../operations/reporter.ts';
import { exitCodes } from '../exit-codes.ts';
import type { NotifyFlags } from '../flags.ts';
import type { NotifyOutput } from '../output/notify.ts';
import { whoAmI } from '../place.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { printTable } from '../table.ts';

const budgetMs = 9000;

/** Sends a message as a run would; the table says what came of it, so the log need not. */
export async function notify(
  { cwd }: CommandContext,
  flags: NotifyFlags,
): Promise<CommandResult<NotifyOutput>> {
  const channels = readChannels(await textOf(flags.channelsFile));
  if (channels.channels.length + channels.refused.length === 0) {
    throw new LaunchError('CONFIG_INVALID', 'No channels are given.', {
      remedy:
        'Name a file by --channels-file, or set the variable LAUNCH_NOTIFY; docs/notifications.md has examples.',
    });
  }
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), budgetMs);
  const report = {
    ...{ title: flags.title, status: flags.status, repository: await nameRepository(cwd), actor: whoAmI() },
    ...{ services: [], jobs: [], facts: [], notes: ['Sent by hand, with launch notify.'], at: new Date() },
  };
  // Tried, so each gets it, whatever it wants to be told of.
  const wishing = channels.channels.map((channel) => ({ ...channel, on: 'always' as const }));
  const delivered = await deliverReport(
    report,
    { ...channels, channels: wishing },
    limit.signal,
    silentReporter,
  );
  clearTimeout(timer);
  return {
    json: { delivered },
    print: async () =>
      await printTable(
        ['CHANNEL', 'KIND', 'RESULT'],
        delivered.map(({ channel, type, ok, why = '' }) => [
          channel,
          type,
          ok ? 'delivered' : `not delivered: ${why}`,
        ]),
      ),
    exitCode: delivered.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed,
  };
}

/** Never from the command line, where everybody on the machine could read it. */
async function textOf(file: string | undefined): Promise<string> {
  if (file === undefined) return process.env['LAUNCH_NOTIFY'] ?? '';
  if (file === '-') return await text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new LaunchError('CONFIG_INVALID', `The channels file "${printable(file)}" can't be read.`, {
      remedy: 'Check the path given by --channels-file, and that this user may read it.',
      cause,
    });
  }
}
