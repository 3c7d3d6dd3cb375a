import { parseSecrets } from '../../core/secrets/parse-secrets.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

/** The token and the secrets come first: from then on the runner hides them, whatever else goes wrong. */
export function readInputs() {
  const apiToken = inputs.text('api-token');
  if (apiToken !== undefined) mask([apiToken]);
  const secrets = parseSecrets(inputs.raw('secrets') ?? '', 'The input `secrets`');
  mask(secrets.values());
  return {
    apiToken,
    secrets,
    accountId: inputs.text('account-id'),
    instance: inputs.required('config'),
    operation: inputs.choice('operation', ['deploy', 'destroy', 'status'], 'deploy'),
    confirm: inputs.text('confirm'),
    purge: inputs.boolean('purge', false),
    timeoutMs: inputs.duration('timeout', 300_000),
    dryRun: inputs.boolean('dry-run', false),
  };
}
