import { LaunchError } from '../core/errors.ts';

/** For what can only be done with a commit, in a repository that has none. */
export function noCommit(): LaunchError {
  return new LaunchError('CONFIG_INVALID', 'The repository has no commit yet.', {
    remedy: 'Commit the service first: what is deployed is always a commit.',
  });
}
