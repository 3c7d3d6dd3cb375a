import {
  chooseEnvironment,
  type WorkerSettings,
  type WranglerConfig,
  workerSettings,
} from './wrangler-config.ts';

/** The names by which a target may choose an environment of a worker's configuration, the first one first. */
export function environmentsOf(target: {
  readonly name: string;
  readonly environment?: string | undefined;
}): readonly (string | undefined)[] {
  return [target.environment, target.name];
}

/**
 * A worker as it is deployed: in the environment that is asked for, else in the first of a target's that it has.
 *
 * @throws LaunchError CONFIG_INVALID for an environment that is asked for and not there
 */
export function workerOf(
  config: WranglerConfig,
  asked: string | undefined,
  ofTarget: readonly (string | undefined)[],
): WorkerSettings {
  const environment = ofTarget.reduce<string | undefined>(
    (chosen, name) => chosen ?? chooseEnvironment(config, asked, name),
    chooseEnvironment(config, asked),
  );
  return workerSettings(config, environment);
}
