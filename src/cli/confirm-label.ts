import { cancelledEarly } from '../core/cancelled.ts';
import { UsageError } from './run-command.ts';

/** A terminal, or what stands in for one. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** What is about to happen, and the command that does it. */
export interface Consequence {
  /** A sentence. */
  readonly what: string;
  readonly command: string;
}

/**
 * Has a person type a name again before what it stands for is deleted, or something like it.
 *
 * @throws UsageError where something else is typed, or there is nobody to type
 */
export async function confirmLabel(
  name: string,
  { input, output }: Terminal,
  { what, command }: Consequence = {
    what: `${name} and all that is on it will be deleted.`,
    command: 'delete',
  },
): Promise<void> {
  if (input.isTTY !== true) throw new UsageError(`Without a terminal, ${command} needs --yes.`);
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input, output });
  let typed: string;
  try {
    const isOver = new Promise<never>((_done, fail) => lines.once('close', () => fail(cancelledEarly())));
    typed = await Promise.race([lines.question(`${what} Type "${name}" to go on: `), isOver]);
  } catch {
    // Ctrl-C, Ctrl-D, or the terminal is gone.
    throw cancelledEarly();
  } finally {
    lines.close();
  }
  if (typed.trim() !== name) throw new UsageError(`That is something else; nothing has been ${command}d.`);
}
