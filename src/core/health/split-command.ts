import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';

/** White space, a quoted part, an escaped character, or a run of plain ones; one after another they are the line. */
const part = /(\s+)|'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])|([^\s'"\\]+)/y;

/**
 * A command line as an argument list, without a shell: white space separates, quotes group, a backslash takes
 * the next character as it is (except in single quotes). What only a shell could do is refused, because it would
 * be passed on as a strange argument.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function splitCommand(line: string, place?: Place): readonly [string, ...string[]] {
  const refuse = (what: string, remedy: string) =>
    new LaunchError('CONFIG_INVALID', `The command "${printable(line, 120)}" ${what}.`, {
      ...(place === undefined ? {} : { place }),
      remedy,
    });
  const words: string[] = [];
  let word: string | undefined;
  part.lastIndex = 0;
  for (let at = 0; at < line.length; at = part.lastIndex) {
    const [, space, single, double, escaped, plain] = part.exec(line) ?? [];
    if (part.lastIndex <= at) throw refuse('has an open quote or ends with a backslash', 'Close the quote.');
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const shell = /[|&;<>$`]/.exec(plain ?? '') ?? /(?<!\\)(?:\\\\)*([$`])/.exec(double ?? '');
    if (shell !== null) {
      throw refuse(
        `has "${shell[1] ?? shell[0]}" in it, which only a shell understands; no shell is used`,
        "Put the command into a script, give it as a list such as [sh, -c, '…'], or put the word in single quotes.",
      );
    }
    word = (word ?? '') + (single ?? double?.replace(/\\([\s\S])/g, '$1') ?? escaped ?? plain ?? '');
  }
  if (word !== undefined) words.push(word);
  const [program, ...args] = words;
  if (program === undefined || program === '') {
    throw refuse('names no program', 'Write for example ./health-check.sh --fast.');
  }
  return [program, ...args];
}
