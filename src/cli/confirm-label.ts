import { cancelledEarly } from '../core/cancelled.ts';
import { UsageError } from './run-command.ts';

/** A terminal, or what stands in for one. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * Has a person type a name again before what it stands for is deleted.
 *
 * @throws UsageError where something else is typed, or there is nobody to type
 */
export async function confirmLabel(name: string, { input, output }: Terminal): Promise<void> {
  if (input.isTTY !== true) throw new UsageError('Without a terminal, delete needs --yes.');
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input, output });
  let typed: string;
  try {
    const isOver = new Promise<never>((_done, fail) => lines.once('close', () => fail(cancelledEarly())));
    typed = await Promise.race([
      lines.question(`${name} and all that is on it will be deleted. Type "${name}" to go on: `),
      isOver,
    ]);
  } catch {
    // Ctrl-C, Ctrl-D, or the terminal is gone.
    throw cancelledEarly();
  } finally {
    lines.close();
  }
  if (typed.trim() !== name) throw new UsageError('That is something else; nothing has been deleted.');
}
