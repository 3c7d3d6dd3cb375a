import { styleText } from 'node:util';
import type { Reporter } from '../operations/reporter.ts';

export type Style = Parameters<typeof styleText>[0];

/** Colours for a stream that is a terminal and does not refuse them; plain text otherwise. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream): string {
  return styleText(style, text, { stream, validateStream: true });
}

/**
 * Progress goes to stderr, so that stdout holds the result alone. With `--json` progress is left out, unless
 * it is asked for by `--verbose`.
 */
export function terminalReporter(options: { readonly quiet: boolean; readonly verbose: boolean }): Reporter {
  const { stderr } = process;
  const say = (line: string) => {
    if (!options.quiet) stderr.write(`${line}\n`);
  };
  let depth = 0;
  const indented = (line: string) => `${'  '.repeat(depth)}${withoutControls(line)}`;
  return {
    async group(title, body) {
      say(paint('bold', indented(title), stderr));
      depth += 1;
      try {
        return await body();
      } finally {
        depth -= 1;
      }
    },
    info: (line) => say(indented(line)),
    warning(message, place) {
      const where =
        place === undefined ? '' : ` (${place.file}${place.line === undefined ? '' : `:${place.line}`})`;
      say(`${paint('yellow', 'warning:', stderr)} ${withoutControls(message)}${where}`);
    },
    debug(line) {
      if (options.verbose) say(paint('dim', indented(line), stderr));
    },
    output: (line) => say(paint('dim', indented(line), stderr)),
  };
}

/** A foreign line can't move the cursor or recolour the terminal. */
export function withoutControls(line: string): string {
  return line
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
