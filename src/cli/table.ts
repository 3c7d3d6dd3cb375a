import { paint } from './terminal.ts';

/** Rows under a header: lined up and coloured on a terminal, separated by tabs otherwise. */
export async function printTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const { stdout } = process;
  if (!stdout.isTTY) {
    for (const row of [header, ...rows]) stdout.write(`${row.join('\t')}\n`);
    return;
  }
  const { default: Table } = await import('cli-table3');
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' };
  const table = new Table({
    head: header.map((cell) => paint('bold', cell, stdout)),
    chars: {
      ...none,
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => [...row]));
  stdout.write(`${table.toString()}\n`);
}
