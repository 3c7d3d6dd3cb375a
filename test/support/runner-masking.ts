// What a runner shows of a step's log: `add-mask` commands are obeyed and not shown, and from then on whatever
// they named is hidden, line by line (actions/runner: AddMaskCommandExtension, SecretMasker, ValueEncoders).
import { workflowCommands } from './runner-commands.ts';

/** The log of one or several steps, as a person sees it. */
export function shownLog(log: string): string {
  const masks = new Set<string>();
  const shown: string[] = [];
  for (const line of log.split(/\r\n|\n|\r/)) {
    const [command] = workflowCommands(line);
    if (command?.name !== 'add-mask') {
      shown.push(masked(line, masks));
      continue;
    }
    for (const value of [command.message, ...command.message.split(/[\r\n]+/)]) {
      for (const form of formsOf(value)) masks.add(form);
    }
  }
  return shown.join('\n');
}

/** What is printed of the commands that hide values is hidden itself. */
export function withoutMasks(log: string): string {
  return log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n');
}

function formsOf(value: string): string[] {
  if (value === '') return [];
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((skipped) => bytes.subarray(skipped).toString('base64'));
  return [
    value,
    ...base64,
    value.replaceAll("'", "''"),
    value.replaceAll('"', '\\"'),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ].filter((form) => form !== '');
}

function masked(line: string, masks: ReadonlySet<string>): string {
  let clean = line;
  const found = [...masks].filter((mask) => clean.includes(mask)).sort((a, b) => b.length - a.length);
  for (const mask of found) clean = clean.replaceAll(mask, () => '***');
  return clean;
}
