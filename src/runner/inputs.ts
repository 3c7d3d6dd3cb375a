import * as core from '@actions/core';
import { parseDuration } from '../core/config/duration.ts';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';

/** An action's inputs, read once and turned into real types; an empty input counts as not given. */
export const inputs = {
  text(name: string): string | undefined {
    const value = core.getInput(name);
    return value === '' ? undefined : value;
  },

  /** As it was typed, for secrets and for values whose white space matters. */
  raw(name: string): string | undefined {
    const value = core.getInput(name, { trimWhitespace: false });
    return value.trim() === '' ? undefined : value;
  },

  required(name: string): string {
    const value = inputs.text(name);
    if (value === undefined) throw refuse(name, '', 'a value; it is required');
    return value;
  },

  boolean(name: string, fallback: boolean): boolean {
    const value = inputs.text(name);
    if (value === undefined) return fallback;
    if (/^true$/i.test(value)) return true;
    if (/^false$/i.test(value)) return false;
    throw refuse(name, value, 'true or false');
  },

  choice<const T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = inputs.text(name);
    if (value === undefined) return fallback;
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) throw refuse(name, value, choices.join(', '));
    return chosen;
  },

  integer(name: string, fallback: number, range: { readonly min: number; readonly max: number }): number {
    const value = inputs.text(name);
    if (value === undefined) return fallback;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.min && number <= range.max) return number;
    throw refuse(name, value, `a whole number from ${range.min} to ${range.max}`);
  },

  /** In milliseconds. A plain number means seconds, as other actions have it. */
  duration(name: string, fallback: number): number {
    const value = inputs.text(name);
    if (value === undefined) return fallback;
    const ms = parseDuration(/^\d+(\.\d+)?$/.test(value) ? `${value}s` : value);
    if (ms === undefined) throw refuse(name, value, 'a duration such as 30s, 2m or 500ms, at most 24h');
    return ms;
  },

  /** A JSON list of texts, or texts separated by commas or new lines; without repeats. */
  list(name: string): readonly string[] | undefined {
    const value = inputs.text(name);
    if (value === undefined) return undefined;
    if (!value.startsWith('[')) {
      return [...new Set(value.split(/[,\n]/).map((part) => part.trim()))].filter((part) => part !== '');
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(value);
    } catch (cause) {
      throw refuse(name, value, 'a JSON list of texts, or texts separated by commas', cause);
    }
    if (Array.isArray(parsed) && parsed.every((item): item is string => typeof item === 'string')) {
      return [...new Set(parsed)];
    }
    throw refuse(name, value, 'a JSON list of texts, or texts separated by commas');
  },
};

function refuse(name: string, got: string, accepted: string, cause?: unknown): LaunchError {
  return new LaunchError('CONFIG_INVALID', `The input \`${name}\` is "${printable(got, 80)}".`, {
    remedy: `It takes ${accepted}.`,
    cause,
  });
}
