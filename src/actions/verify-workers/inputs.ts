import { parseSecrets } from '../../core/secrets/parse-secrets.ts';
import type { RecordInputs } from '../../runner/deployment-recorder.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

/** Secrets come first: from then on the runner hides them, whatever else goes wrong. */
export function readInputs() {
  const secrets = parseSecrets(inputs.raw('secrets') ?? '', 'The input `secrets`');
  const apiToken = inputs.text('api-token');
  mask([...secrets.values(), ...(apiToken === undefined ? [] : [apiToken])]);
  return {
    secrets,
    apiToken,
    accountId: inputs.text('account-id'),
    services: inputs.list('workers') ?? [],
    target: inputs.required('target'),
    notes: inputs.required('notes'),
    command: inputs.required('command'),
    atomic: inputs.boolean('atomic', false),
    timeoutMs: inputs.duration('timeout', 30 * 60_000),
    config: inputs.text('config'),
  };
}

/** For the records on GitHub of what is taken back. */
export function readRecord(): RecordInputs {
  return { token: inputs.text('token'), job: inputs.text('job-id') };
}
