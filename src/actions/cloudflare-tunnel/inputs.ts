import { tunnelOperations, waysToRun } from '../../core/cloudflare/tunnel/result.ts';
import { readTunnelSettings } from '../../core/cloudflare/tunnel/settings.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

/** The token comes first: from then on the runner hides it, whatever else goes wrong. */
export function readInputs() {
  const apiToken = inputs.required('api-token');
  mask([apiToken]);
  return {
    apiToken,
    accountId: inputs.required('account-id'),
    operation: inputs.choice('operation', tunnelOperations, 'ensure'),
    ...readTunnelSettings(
      {
        name: inputs.required('name'),
        hostname: inputs.text('hostname'),
        service: inputs.text('service'),
        zone: inputs.text('zone'),
        runAs: inputs.choice('run-as', waysToRun, 'compose'),
        network: inputs.text('network'),
        image: inputs.text('image'),
      },
      (input) => `The input \`${input}\``,
    ),
    overwriteDns: inputs.boolean('overwrite-dns', false),
    confirm: inputs.text('confirm'),
    timeoutMs: inputs.duration('timeout', 120_000),
    dryRun: inputs.boolean('dry-run', false),
    stateDir: inputs.text('state-dir'),
  };
}
