import { parseSecrets } from '../../core/secrets/parse-secrets.ts';
import type { RollbackRequest } from '../../operations/rollback-service.ts';
import type { RecordInputs } from '../../runner/deployment-recorder.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

export type RollbackInputs = Omit<
  RollbackRequest,
  'hostEnv' | 'signal' | 'repository' | 'by' | 'runUrl' | 'trigger' | 'onSecrets' | 'onRelease'
>;

/** Secrets come first: from then on the runner hides them, whatever else goes wrong. */
export function readInputs(): RollbackInputs {
  const secrets = parseSecrets(inputs.raw('secrets') ?? '', 'The input `secrets`');
  mask(secrets.values());
  return {
    secrets,
    service: inputs.required('service'),
    target: inputs.text('target'),
    to: inputs.text('to'),
    timeoutMs: inputs.duration('timeout', 300_000),
    stateDir: inputs.text('state-dir'),
  };
}

export function readOperation(): 'rollback' | 'list' {
  return inputs.choice('operation', ['rollback', 'list'], 'rollback');
}

/** For records on GitHub. */
export function readRecord(): RecordInputs {
  return { token: inputs.text('token'), job: inputs.text('job-id') };
}
