import { Argument, type Command } from 'commander';
import { withExamples } from './examples.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** `launch completion`, and what the scripts ask. */
export function defineCompletion(command: Command, launch: Command): void {
  const shell = new Argument('<shell>', 'the shell');
  shell.argChoices = ['bash', 'zsh', 'fish'];
  withExamples(command, [
    [
      'launch completion bash > ~/.local/share/bash-completion/completions/launch',
      'For bash with the package bash-completion. Without it, in ~/.bashrc: source <(launch completion bash).',
    ],
    [
      'launch completion zsh > ~/.zfunc/_launch',
      'For zsh, with these lines in ~/.zshrc: fpath+=~/.zfunc; autoload -Uz compinit; compinit.',
    ],
    ['launch completion fish > ~/.config/fish/completions/launch.fish', 'For fish.'],
  ])
    .description(
      'Print the script by which a shell completes commands, options, and the names of services, targets and releases.',
    )
    .addArgument(shell)
    .action((name: string, flags: CommonOptions) =>
      runCommand(flags, async () => (await import('./commands/completion.ts')).completion(name)),
    );
  launch
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) =>
      (await import('./commands/complete.ts')).complete(launch, words, process.cwd()),
    );
}
