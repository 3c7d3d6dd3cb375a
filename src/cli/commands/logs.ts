import { parseSince } from '../../core/logs/since.ts';
import { type ContainerLine, readLogs } from '../../operations/logs/read-logs.ts';
import { isWorker } from '../../operations/worker/is-worker.ts';
import type { LogsFlags } from '../flags.ts';
import type { LogsOutput } from '../output/logs.ts';
import { placeOf } from '../place.ts';
import { linePrinter } from '../print-lines.ts';
import { type CommandContext, type CommonOptions, type PrintedResult, UsageError } from '../run-command.ts';
import { paint, withoutControls } from '../terminal.ts';

/** Shows lines as they come: of a service that runs they have no end. */
export async function logs(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: LogsFlags & CommonOptions,
): Promise<PrintedResult> {
  const since = flags.since === undefined ? undefined : parseSince(flags.since, Date.now());
  if (flags.since !== undefined && since === undefined) {
    throw new UsageError(
      '--since takes a duration such as 90s, 10m, 2h or 3d, or a time such as 2026-01-31T08:00:00Z.',
    );
  }
  const { tail, follow = false, container } = flags;
  if (await isWorker(cwd, { service, target: flags.target })) {
    const { logsOfWorker } = await import('../../operations/logs/logs-of-worker.ts');
    throw await logsOfWorker(cwd, { service, target: flags.target });
  }
  const place = await placeOf(cwd, service, flags);
  const { print, closed } = linePrinter(process.stdout);
  const asText = textPrinter(flags);
  await readLogs(
    { ...place, since, tail, follow, container },
    {
      line: async (line) => await print(flags.json === true ? JSON.stringify(asJson(line)) : asText(line)),
      note: (text) => reporter.info(text),
    },
    closed,
  );
  return { isPrinted: true };
}

function asJson({ time, container, stream, text }: ContainerLine): LogsOutput {
  return { time: time === '' ? null : time, container, stream, line: text };
}

const colours = ['cyan', 'yellow', 'green', 'magenta', 'blue'] as const;

/**
 * Each line behind the name of its container: in a run, none can pass for a command that stands at the beginning of a
 * line. Those of the old form, `##[name]`, count anywhere; a word joiner breaks them.
 */
function textPrinter({ timestamps, raw }: LogsFlags): (line: ContainerLine) => string {
  const known: string[] = [];
  let width = 0;
  return ({ time, container, text }) => {
    if (!known.includes(container)) known.push(container);
    width = Math.max(width, Math.min(container.length, 40));
    const colour = colours[known.indexOf(container) % colours.length] ?? 'cyan';
    const name = paint(colour, `${container.padEnd(width)} |`, process.stdout);
    const at = timestamps === true && time !== '' ? `${time} ` : '';
    return `${name} ${at}${raw === true ? text : withoutControls(text).replaceAll('##[', '#\u2060#[')}`;
  };
}
