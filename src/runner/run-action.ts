import * as core from '@actions/core';
import { LaunchError } from '../core/errors.ts';
import { annotationPlace } from './annotation-place.ts';

/**
 * Runs an action's story and turns whatever it throws into a failed step: the one place where that happens.
 * An error that Launch foresaw reads as one paragraph with its code; anything else is a fault of Launch and
 * shows its stack.
 */
export async function runAction(story: () => Promise<void>): Promise<void> {
  try {
    await story();
  } catch (error) {
    failStep(error);
  }
}

/** Fails the step with what the error says. */
export function failStep(error: unknown): void {
  process.exitCode = 1;
  if (error instanceof LaunchError) {
    core.error(error.message, {
      title: error.code,
      ...annotationPlace(error.place),
    });
    core.debug(causes(error));
    return;
  }
  core.error(error instanceof Error ? (error.stack ?? error.message) : String(error), {
    title: 'Launch failed unexpectedly',
  });
}

function causes(error: Error): string {
  const cause = error.cause;
  return cause instanceof Error ? `caused by ${cause.stack ?? cause.message}` : '';
}
