import { paint } from './terminal.ts';

/** Beyond it a table takes longer than what it tells; nobody minds there that a wide character is as wide as two. */
const fewRows = 200;

/** Rows under a header, lined up; the header stands out on a terminal. */
export async function printTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const { stdout } = process;
  if (rows.length > fewRows) {
    stdout.write(`${linedUp([header, ...rows])}\n`);
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
  // The last column is padded, too; nobody wants to copy that.
  stdout.write(`${table.toString().replace(/[ ]+$/gm, '')}\n`);
}

function linedUp(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
