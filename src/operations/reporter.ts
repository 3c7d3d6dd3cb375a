import type { Place } from '../core/errors.ts';

/** Where an operation tells what it does; a job log with groups, or a terminal. Never given a secret's value. */
export interface Reporter {
  /** Runs `body` with everything it reports folded under `title`; the group is closed on failure, too. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
  info(line: string): void;
  /** Shown where people look: an annotation on GitHub, a coloured line on a terminal. */
  warning(message: string, place?: Place): void;
  debug(line: string): void;
  /** A line that a command printed, passed on as it came. */
  output(line: string): void;
}

/** For callers that want results only. */
export const silentReporter: Reporter = {
  group: async (_title, body) => await body(),
  info: () => {},
  warning: () => {},
  debug: () => {},
  output: () => {},
};
