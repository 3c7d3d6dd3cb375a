import { counted } from '../core/counted.ts';
import type { ImageDiff } from '../core/diff/image-diffs.ts';
import type { NameDiff } from '../core/diff/name-diff.ts';
import type { DiffSide, FileDiff, ServiceDiff } from '../core/diff/service-diff.ts';
import { printable } from '../core/names.ts';
import { printHunks } from './print-hunks.ts';
import { paint } from './terminal.ts';

/** What a deployment would change, the shortest first; `patch`: also what differs in each file. */
export function printDiff(diff: ServiceDiff, patch: boolean): void {
  const { service, target, from, to } = diff;
  say(`${service} on ${target}: ${nameOf(from)} serves; compared with ${nameOf(to)}`);
  for (const reason of diff.reasons) say(`  ${printable(reason, 400)}`);
  if (!diff.differs) say('Nothing differs.');
  printFiles(diff, patch);
  printCompose(diff);
  section('Images', diff.images.map(imageLine));
  section('Environment', nameLines(diff.env));
  section('Secrets', [
    ...nameLines(diff.secrets),
    ...(diff.secrets.rotated === true ? [paint('yellow', '~ the values are others', process.stdout)] : []),
  ]);
  section(
    'Drift on this machine',
    diff.drift.map((line) => paint('yellow', `! ${line}`, process.stdout)),
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function section(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  say(`\n${paint('bold', title, process.stdout)}`);
  for (const line of lines) say(`  ${line}`);
}

function nameOf({ release, commit }: DiffSide): string {
  const short = commit.slice(0, 12);
  return release === undefined ? `the commit ${short}` : `${release} (${short})`;
}

const signs = { added: ['+', 'green'], deleted: ['-', 'red'], changed: ['~', 'yellow'] } as const;

function printFiles({ files, moreFiles }: ServiceDiff, patch: boolean): void {
  section(
    moreFiles ? `Files (the first ${counted(files.length, 'file')})` : 'Files',
    files.map((file) => fileLine(file)),
  );
  if (!patch) return;
  for (const { path, diff } of files) {
    if (diff === '') continue;
    say(`\n${paint('bold', printable(path, 400), process.stdout)}`);
    printHunks(diff);
  }
}

function fileLine({ path, change, added, removed, note }: FileDiff): string {
  const [sign, colour] = signs[change];
  const lines = added === undefined || removed === undefined ? ` (${note})` : ` (+${added} -${removed})`;
  return paint(colour, `${sign} ${printable(path, 400)}${lines}`, process.stdout);
}

function printCompose({ compose, uncompared }: ServiceDiff): void {
  if (uncompared !== '') section('Configuration', [`was not compared: ${printable(uncompared)}`]);
  if (compose === undefined) return;
  section('Configuration', [
    ...compose.stateful.map((line) => paint('yellow', `! ${printable(line, 400)}`, process.stdout)),
  ]);
  if (compose.stateful.length === 0) say(`\n${paint('bold', 'Configuration', process.stdout)}`);
  if (compose.diff !== '') printHunks(compose.diff);
}

function imageLine({ service, before, after, change }: ImageDiff): string {
  const name = (image: string | undefined) => printable(image ?? 'none', 300);
  const what =
    change === 'moved'
      ? `${name(after)} stands for another image on this machine than the one that runs`
      : `${name(before)} → ${name(after)}`;
  return paint('yellow', `~ ${service}: ${what}`, process.stdout);
}

function nameLines({ added, removed, changed }: NameDiff): string[] {
  return [
    ...added.map((name) => paint('green', `+ ${name}`, process.stdout)),
    ...removed.map((name) => paint('red', `- ${name}`, process.stdout)),
    ...changed.map((name) => paint('yellow', `~ ${name}`, process.stdout)),
  ];
}
