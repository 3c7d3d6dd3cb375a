import { printable } from '../core/names.ts';
import { nearest } from '../core/nearest.ts';
import { UsageError } from './run-command.ts';

/** One of `choices`; the first of them when nothing is given. @throws UsageError */
export function oneOf<const T extends string>(
  flag: string,
  choices: readonly [T, ...T[]],
  given: string | undefined,
): T {
  if (given === undefined) return choices[0];
  const chosen = choices.find((choice) => choice === given);
  if (chosen !== undefined) return chosen;
  const guess = nearest(given, choices);
  throw new UsageError(
    `${flag} is "${printable(given, 80)}".${guess === undefined ? '' : ` Did you mean "${guess}"?`} It takes ${choices.join(', ')}.`,
  );
}
