import { Argument, InvalidArgumentError, Option } from 'commander';

/** `<operation>`, one of these. For `--help` and completion: the command itself refuses another, and may know more. */
export function operationArgument(operations: readonly string[]): Argument {
  const argument = new Argument('<operation>', 'what to do');
  argument.argChoices = [...operations];
  return argument;
}

/** An option with one of these as value. For `--help` and completion: the command itself refuses another. */
export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, description);
  option.argChoices = [...choices];
  return option;
}

/** For an option that may be repeated. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

/** @throws InvalidArgumentError */
export function countingNumber(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('Give at least 1.');
  return number;
}
