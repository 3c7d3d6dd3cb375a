import { chooseColumns, fitColumns } from './fit-columns.ts';
import { paint, type Style } from './terminal.ts';

/** Beyond it a table takes longer than what it tells; nobody minds there that a wide character is as wide as two. */
const fewRows = 200;

/** A text, or one that stands out on a terminal. */
export type Cell = string | { readonly text: string; readonly style: Style };

export function painted(style: Style, text: string): Cell {
  return { text, style };
}

const gap = '  ';

/**
 * Rows under a header, lined up. On a terminal the header stands out, and no row is wider than that: columns are left
 * out, `expendable` ones in this order, and cells are cut.
 */
export async function printTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  expendable: readonly string[] = [],
): Promise<void> {
  const { stdout } = process;
  const whole = [header.map((text) => painted('bold', text)), ...rows];
  const room = stdout.isTTY && stdout.columns > 0 ? { gap: gap.length, width: stdout.columns } : undefined;
  const shownAt = room === undefined ? undefined : chooseColumns(columnsOf(header, rows), expendable, room);
  const all = shownAt === undefined ? whole : whole.map((row) => shownAt.map((at) => row[at] ?? ''));
  const widths = room === undefined ? widthsOf(all) : fitColumns(widthsOf(all), room);
  if (rows.length > fewRows) {
    stdout.write(`${all.map((row) => linedUp(row, widths)).join('\n')}\n`);
    return;
  }
  const { default: Table } = await import('cli-table3');
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' };
  const [head = [], ...body] = all.map((row) => row.map(shown));
  const table = new Table({
    head,
    // Where all fits, the table itself knows best how wide its characters are.
    ...(room === undefined ? {} : { colWidths: widths }),
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
      middle: gap,
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...body);
  // The last column is padded, too; nobody wants to copy that.
  stdout.write(`${table.toString().replace(/[ ]+$/gm, '')}\n`);
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function shown(cell: Cell): string {
  return typeof cell === 'string' ? cell : paint(cell.style, cell.text, process.stdout);
}

function columnsOf(header: readonly string[], rows: readonly (readonly Cell[])[]) {
  return widthsOf([header, ...rows]).map((width, at) => ({
    width,
    name: header[at] ?? '',
    isEmpty: rows.every((row) => textOf(row[at] ?? '') === ''),
  }));
}

function widthsOf(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, textOf(cell).length);
  }
  return widths;
}

function linedUp(row: readonly Cell[], widths: readonly number[]): string {
  const cells = row.map((cell, at) => {
    const width = widths[at] ?? 0;
    const text = textOf(cell);
    const cut = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
    const fill = at === row.length - 1 ? '' : ' '.repeat(width - cut.length);
    return `${typeof cell === 'string' ? cut : paint(cell.style, cut, process.stdout)}${fill}`;
  });
  return cells.join(gap).trimEnd();
}
