import * as core from '@actions/core';

/** What an output can be; lists and objects are written as JSON. */
export type OutputValue = string | number | boolean | object;

/**
 * Writes every output of an action at once, so that none is forgotten: the type asks for each name that the
 * action declares, and the contract test holds the names against `action.yml`.
 */
export function writeOutputs<const Names extends readonly string[]>(
  names: Names,
  values: { readonly [Name in Names[number]]: OutputValue | undefined },
): void {
  for (const name of names as readonly Names[number][]) {
    const value: OutputValue | undefined = values[name];
    core.setOutput(
      name,
      value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value),
    );
  }
}
