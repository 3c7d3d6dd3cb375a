import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { NewFlags } from './flags.ts';
import { wholeNumber } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch new`. */
export function defineNew(command: Command): void {
  withExamples(command, [
    ['launch new', 'Make a service; everything is asked.'],
    ['launch new website --template web', 'Make a website, on the first port that is free.'],
    ['launch new hello --template worker --add-target', 'Make a worker, and a target for workers.'],
    ['launch new --list', 'Show the templates.'],
  ])
    .description('Make a new service from a template. Nothing that is there is overwritten.')
    .argument('[name]', 'lower-case letters, digits and hyphens')
    .option('--template <name>', 'what it is made from; see --list')
    .option('--target <name>', 'where it goes (default: where services go that name no target)')
    .option(
      '--port <n>',
      'the port of the host that it publishes (default: the first that is free)',
      wholeNumber,
    )
    .option('--add-target', 'add a target to launch.yml where none is for this kind of service')
    .option('--list', 'show the templates')
    .option('--yes', 'ask nothing, take what is usual')
    .option('--dry-run', 'show what would be written, and write nothing')
    .action((name: string | undefined, flags: NewFlags & CommonOptions) =>
      runCommand(flags, async (context) => {
        const commands = await import('./commands/new.ts');
        return flags.list === true ? commands.newList() : commands.newService(context, name, flags);
      }),
    );
}
