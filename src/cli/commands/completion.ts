import { type Shell, scripts, shells } from '../complete/scripts.ts';
import type { CompletionOutput } from '../output/completion.ts';
import { type CommandResult, UsageError } from '../run-command.ts';

export async function completion(shell: string): Promise<CommandResult<CompletionOutput>> {
  const chosen: Shell | undefined = shells.find((it) => it === shell);
  if (chosen === undefined) throw new UsageError(`The shell is not one of ${shells.join(', ')}.`);
  const script = scripts[chosen];
  return { json: { shell: chosen, script }, print: () => void process.stdout.write(script) };
}
