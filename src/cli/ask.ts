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

/** Asks the person at the terminal. Each throws LaunchError CANCELLED at Ctrl-C or Esc. */
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
  const answered = <T>(answer: T): Exclude<T, symbol> => {
    if (isCancel(answer)) throw cancelledEarly();
    return answer as Exclude<T, symbol>;
  };
  return {
    async text({ message, usual = '', wrong }) {
      const answer = await text({
        message,
        input,
        output,
        ...(usual === '' ? {} : { placeholder: usual, defaultValue: usual }),
        validate: (typed) => wrong?.((typed ?? '') === '' ? usual : (typed ?? '')),
      });
      return answered(answer).trim();
    },
    async choose(message, choices) {
      const options = choices.map(({ value, hint }) => ({
        value,
        label: value,
        ...(hint === undefined ? {} : { hint }),
      }));
      return answered(await select({ message, input, output, options }));
    },
    confirm: async (message) => answered(await confirm({ message, input, output })),
  };
}
