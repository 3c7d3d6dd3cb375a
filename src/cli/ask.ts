import { cancelledEarly } from '../core/cancelled.ts';

export interface TextQuestion {
  readonly message: string;
  /** What Enter alone stands for. */
  readonly usual?: string;
  /** What is wrong with an answer; undefined when nothing is. */
  readonly wrong?: (answer: string) => string | undefined;
}

export interface Choice {
  readonly value: string;
  readonly hint?: string;
}

/** Asks the person at the terminal. Each throws LaunchError CANCELLED at Ctrl-C, Ctrl-D or Esc. */
export interface Questions {
  text(question: TextQuestion): Promise<string>;
  choose(message: string, choices: readonly Choice[]): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

/**
 * Undefined where there is nobody to ask, or nothing is to be asked. Questions go to stderr, as progress does: stdout
 * holds the result alone.
 */
export async function questionsFor(options: {
  readonly yes?: boolean;
  readonly json?: boolean;
}): Promise<Questions | undefined> {
  const { stdin: input, stderr: output } = process;
  if (options.yes === true || options.json === true || !input.isTTY || !output.isTTY) return undefined;
  const { confirm, isCancel, select, text } = await import('@clack/prompts');
  type Terminal = {
    readonly input: typeof input;
    readonly output: typeof output;
    readonly signal: AbortSignal;
  };
  const ask = async <T>(prompt: (terminal: Terminal) => Promise<T>): Promise<Exclude<T, symbol>> => {
    const closed = new AbortController();
    // Ctrl-D and a terminal that goes away close the input; the prompt itself would wait for ever.
    // An answer closes it, too, and is there first: an abort after it would take the terminal from the next question.
    let isOpen = true;
    const onPause = () =>
      void setImmediate(() => {
        if (isOpen) closed.abort();
      });
    input.once('pause', onPause);
    const answer = await prompt({ input, output, signal: closed.signal });
    isOpen = false;
    input.removeListener('pause', onPause);
    if (isCancel(answer)) throw cancelledEarly();
    return answer as Exclude<T, symbol>;
  };
  return {
    async text({ message, usual = '', wrong }) {
      const answer = await ask((terminal) =>
        text({
          message,
          ...terminal,
          ...(usual === '' ? {} : { placeholder: usual, defaultValue: usual }),
          validate: (typed) => wrong?.((typed ?? '') === '' ? usual : (typed ?? '')),
        }),
      );
      return answer.trim();
    },
    async choose(message, choices) {
      const options = choices.map(({ value, hint }) => ({
        value,
        label: value,
        ...(hint === undefined ? {} : { hint }),
      }));
      return await ask((terminal) => select({ message, ...terminal, options }));
    },
    confirm: async (message) => await ask((terminal) => confirm({ message, ...terminal })),
  };
}
