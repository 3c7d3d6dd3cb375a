import type { Reporter } from '../reporter.ts';

/** What an operation does, noted down; a rehearsal only notes it. */
export interface Steps {
  readonly isRehearsal: boolean;
  readonly taken: readonly string[];
  /** `what`: a clause in the past, such as `made the tunnel shop`. */
  take(what: string, body: () => Promise<void>): Promise<void>;
  /** What a part of the operation says it has done. */
  note(what: string): void;
}

export function stepsOf(isRehearsal: boolean, reporter: Reporter): Steps {
  const taken: string[] = [];
  const note = (what: string) => {
    taken.push(what);
    reporter.info(`${isRehearsal ? 'Would have ' : ''}${isRehearsal ? what : capitalized(what)}.`);
  };
  return {
    isRehearsal,
    taken,
    note,
    async take(what, body) {
      if (!isRehearsal) await body();
      note(what);
    },
  };
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
