import { printable } from '../core/names.ts';
import { paint } from './terminal.ts';

const colours = { '+': 'green', '-': 'red', '@': 'cyan' } as const;

/** The hunks of a unified diff, coloured on a terminal. */
export function printHunks(diff: string): void {
  for (const line of diff.split('\n')) {
    const sign = line[0];
    // In a run, the runner takes a line that begins with two colons, blanks or not, for a command, and `##[` anywhere.
    const text = printable(line, 2000)
      .replace(/^(\s*)::/, '$1:\u2060:')
      .replaceAll('##[', '#\u2060#[');
    const isSign = sign === '+' || sign === '-' || sign === '@';
    process.stdout.write(`${isSign ? paint(colours[sign], text, process.stdout) : text}\n`);
  }
}
