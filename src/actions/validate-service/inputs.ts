import { LaunchError } from '../../core/errors.ts';
import type { Severity } from '../../core/problem.ts';
import { inputs } from '../../runner/inputs.ts';

const shellcheckChoices = ['warning', 'error', 'info', 'style', 'off'] as const;

export interface ValidateInputs {
  readonly services: readonly string[] | 'all';
  readonly requiredFiles: readonly string[] | undefined;
  readonly shellcheck: (typeof shellcheckChoices)[number];
  /** Whether the severity was asked for, and not only the default. */
  readonly shellcheckAsked: boolean;
  readonly failOn: Severity;
  readonly config: string | undefined;
  /** Whether it writes a job summary of its own. */
  readonly summary: boolean;
}

export function readInputs(): ValidateInputs {
  const services = inputs.list('services') ?? ['all'];
  return {
    services: services.length === 1 && services[0] === 'all' ? 'all' : services,
    requiredFiles: requiredFiles(),
    shellcheck: inputs.choice('shellcheck', shellcheckChoices, 'warning'),
    shellcheckAsked: inputs.text('shellcheck') !== undefined,
    failOn: inputs.choice('fail-on', ['error', 'warning'], 'error'),
    config: inputs.text('config'),
    summary: inputs.boolean('summary', true),
  };
}

/** @throws LaunchError for a list without a name: it would require nothing at all. */
function requiredFiles(): readonly string[] | undefined {
  const files = inputs.list('required-files');
  if (files === undefined || files.length > 0) return files;
  throw new LaunchError('CONFIG_INVALID', 'The input `required-files` names no file.', {
    remedy: 'Name at least one, for example README.md, or leave the input out for the default.',
  });
}
