// The commands of the command line, as commander knows them.
import type { Command } from 'commander';
import { program } from '../../src/cli/main.ts';

export { program };

/** `launch` and each command below it, but for what people never see. */
export function allCommands(of: Command = program()): Command[] {
  const visible = of
    .createHelp()
    .visibleCommands(of)
    .filter((command) => command.name() !== 'help');
  return [of, ...visible.flatMap((command) => allCommands(command))];
}

/** `launch edge` */
export function wordsOf(command: Command): string {
  return command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`;
}
