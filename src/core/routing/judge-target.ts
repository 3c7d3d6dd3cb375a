import { type Finding, failed, ok, warning } from '../diagnosis.ts';
import { printable } from '../names.ts';
import { nearest } from '../nearest.ts';
import type { Target } from '../targets/target.ts';
import { labelsOf, matchRunners, type Runner } from './runner-match.ts';

/** The runners as far as a token may see them, or why they are not known. */
export type KnownRunners =
  | {
      readonly known: true;
      readonly runners: readonly Runner[];
      /** Why those of the organisation are not among them. */
      readonly incomplete: string | undefined;
    }
  | { readonly known: false };

export interface TargetFacts {
  readonly target: Target;
  /** The services that go there, sorted. */
  readonly users: readonly string[];
  readonly runners: KnownRunners;
}

/** Whether a job for the target would find a runner now. */
export function judgeTarget({ target, users, runners }: TargetFacts): Finding {
  const subject = `target ${target.name}`;
  const about = `${shownLabels(target)}; ${usedBy(users)}`;
  if (!runners.known) {
    return users.length === 0
      ? warning(subject, about, 'Remove it from launch.yml, or name it in a service.yml.')
      : ok(subject, `${about}; its runners were not checked`);
  }
  const match = matchRunners(target.runsOn, runners.runners);
  // Nobody waits for the runner of a target that nobody uses.
  const wrong = users.length === 0 ? warning : failed;
  const list = (names: readonly string[]) => names.map((name) => printable(name, 80)).join(', ');
  switch (match.kind) {
    case 'online': {
      const found = `${about}; ${list(match.runners)} online${match.busy ? ', but busy' : ''}${otherCase(target, runners.runners)}`;
      return users.length === 0
        ? warning(subject, found, 'Remove it from launch.yml, or name it in a service.yml.')
        : ok(subject, found);
    }
    case 'not-checked':
      return ok(subject, `${about}; not checked, ${match.why}`);
    case 'offline':
      return wrong(subject, `${about}; ${list(match.runners)} offline`, 'Start the runner on its machine.');
    case 'none': {
      const found = `${about}; no runner has all of these labels`;
      if (runners.incomplete !== undefined) {
        return warning(
          subject,
          `${found}, and those of the organisation could not be listed: ${runners.incomplete}`,
          'Use a token with `organization_self_hosted_runners: read`.',
        );
      }
      return wrong(subject, found, remedyFor(target, runners.runners));
    }
  }
}

/** A label that no runner has is most likely a slip of the pen where one is close to it. */
function remedyFor(target: Target, runners: readonly Runner[]): string {
  const known = [...new Set(runners.flatMap(({ labels }) => labels))];
  const lower = new Set(known.map((label) => label.toLowerCase()));
  const guesses = labelsOf(target.runsOn)
    .filter((label) => !lower.has(label.toLowerCase()))
    .flatMap((label) => {
      const guess = nearest(label, known);
      return guess === undefined ? [] : [`"${printable(guess, 80)}" instead of "${printable(label, 80)}"`];
    });
  return guesses.length === 0
    ? 'Register a runner with these labels, or correct `runs-on` in launch.yml.'
    : `Did you mean ${guesses.join(', ')}? Correct \`runs-on\` in launch.yml, or the labels of the runner.`;
}

/** GitHub does not look at upper and lower case; a person who searches does. */
function otherCase(target: Target, runners: readonly Runner[]): string {
  const known = new Set(runners.flatMap(({ labels }) => labels));
  const other = labelsOf(target.runsOn).filter((label) => !known.has(label));
  return other.length === 0
    ? ''
    : `; written otherwise at the runner: ${other.map((it) => printable(it, 80)).join(', ')}`;
}

function usedBy(users: readonly string[]): string {
  if (users.length === 0) return 'used by no service';
  const shown = users.slice(0, 5).join(', ');
  return `used by ${shown}${users.length > 5 ? ` and ${users.length - 5} more` : ''}`;
}

function shownLabels({ runsOn }: Target): string {
  const group = typeof runsOn === 'object' && !Array.isArray(runsOn) ? runsOn.group : undefined;
  const labels = labelsOf(runsOn).map((label) => printable(label, 80));
  return [...(group === undefined ? [] : [`group ${printable(group, 80)}`]), ...labels].join(', ');
}

/** What GitHub knows of an environment; undefined where it could not be asked. */
export type EnvironmentState = 'there' | 'missing' | undefined;

export function judgeEnvironment(name: string, targets: readonly string[], state: EnvironmentState): Finding {
  const subject = `environment ${printable(name, 80)}`;
  const about = `of ${targets.join(', ')}`;
  if (state === undefined) return ok(subject, `${about}; not checked`);
  if (state === 'there') return ok(subject, `${about}; is there`);
  return failed(
    subject,
    `${about}; is not there`,
    'Make it under Settings > Environments, with its LAUNCH_SECRETS and its rules: a job that names one that is not there makes it without either.',
  );
}
