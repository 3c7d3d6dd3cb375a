import * as core from '@actions/core';

/** The state that main leaves for post: a value while something is unfinished, empty when all has come to its end. */
const name = 'unfinished';

/** Kept by the runner in plain text until the job ends: ids and paths, never a secret. */
export function noteUnfinished(value: string): void {
  core.saveState(name, value);
}

/** Empty when there is nothing to see to. */
export function readUnfinished(): string {
  return core.getState(name);
}
