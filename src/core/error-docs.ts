import type { ErrorCode } from './errors.ts';

/** What each code means and what to do, for docs/errors.md. */
export const errorDocs: Readonly<Record<ErrorCode, { readonly meaning: string; readonly next: string }>> = {
  CONFIG_INVALID: {
    meaning: 'A file of the configuration, or an input of an action, is not as it should be.',
    next: 'Correct it at the file and line that the message names.',
  },
  SERVICE_NOT_FOUND: {
    meaning: 'No service has that name.',
    next: 'Take the name of a folder below `services/` that holds a service.',
  },
  TARGET_UNKNOWN: {
    meaning: 'A service, an input or a default names a target that `launch.yml` does not declare.',
    next: 'Declare it under `targets`, or take one of those that the message lists.',
  },
  BASE_UNAVAILABLE: {
    meaning: 'The commit to compare with is not in this checkout and could not be fetched.',
    next: 'Give a commit that the repository has, or leave `base` empty.',
  },
  VALIDATION_FAILED: {
    meaning: '`validate-service` found something that must not go out.',
    next: 'Mend what its summary and annotations list.',
  },
  SECRET_MISSING: {
    meaning: 'A service declares a secret that the run was not given.',
    next: "Add it to the target's environment secret `LAUNCH_SECRETS` or to `secrets.enc.env`, whose key must be given, or take it out of `secrets`.",
  },
  LOCK_HELD: {
    meaning: 'Another deployment of the same service on the same target is at work.',
    next: 'Wait for it; the message says who holds the lock. It frees itself when its holder ends; `launch unlock --force` ends one that hangs.',
  },
  FROZEN: {
    meaning:
      'Deployments of this service are stopped by hand, by `launch freeze --strict`: also those of commits that touch it.',
    next: 'Ask whoever froze it, run `launch unfreeze`, or deploy with `force`. A job that deploys does not fail for it: it says so and skips the service.',
  },
  SUPERSEDED: {
    meaning: 'A newer commit is already live; deploying this one would go back.',
    next: 'Nothing, usually. To go back on purpose, use `rollback`, or `force`.',
  },
  UNTRUSTED_EVENT: {
    meaning: 'A pull request or a fork asked for a deployment or a rollback.',
    next: 'Deploy by a push, a dispatch or a schedule of the repository itself.',
  },
  PORT_IN_USE: {
    meaning: 'Something else on the host listens on a port that the service publishes.',
    next: 'Stop it, or publish another port.',
  },
  DISK_FULL: {
    meaning: 'A disk of the host has too little space, or too few files (inodes), left for the deployment.',
    next: 'Free some space on the disk that the message names; `launch doctor` shows how much both have left, `docker system df` what takes it.',
  },
  ENGINE_UNAVAILABLE: {
    meaning:
      'Docker, its compose plugin or another program that the driver needs is not there or does not answer.',
    next: "Install or start it, and let the runner's user use it; `launch doctor` says what is missing.",
  },
  DEPLOY_FAILED: {
    meaning:
      'The new release could not be started, or did not become healthy. If there was an old one, the message says that it serves.',
    next: 'Read the last lines of the log that the summary shows.',
  },
  HEALTH_FAILED: {
    meaning:
      'What `health-check` or `launch adopt` looked at did not become healthy in time, or the cloudflared of a tunnel was not connected. A deployment whose release does not become healthy is `DEPLOY_FAILED`.',
    next: 'The message says what was seen last: refused, TLS, DNS, status, body or time out.',
  },
  ROLLBACK_FAILED: {
    meaning: 'The new release failed, and the old one could not be put back. The service is down.',
    next: 'Look at the host now; the message says what was tried.',
  },
  API_AUTH: {
    meaning: 'A remote API refused the token.',
    next: 'Check that the token is right, not expired, and may do what the message names.',
  },
  API_ERROR: {
    meaning: 'A remote API answered with an error, or not at all.',
    next: 'Run it again later; the message quotes the answer.',
  },
  TIMEOUT: {
    meaning: 'Something took longer than it was given.',
    next: 'Find out why it is slow, or give it more time.',
  },
  CANCELLED: {
    meaning: 'The run was cancelled. Where a release was being replaced, the message says which one serves.',
    next: 'Start it again when you want it to go on.',
  },
};
