import type { DriverName } from '../../core/config/fields.ts';
import { LaunchError } from '../../core/errors.ts';
import { parseSecrets } from '../../core/secrets/parse-secrets.ts';
import type { RecordInputs } from '../../runner/deployment-recorder.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

export interface RemoveInputs {
  readonly service: string;
  readonly target: string;
  readonly driver: DriverName;
  readonly worker: string | undefined;
  readonly accountId: string | undefined;
  readonly secretPrefix: string | undefined;
  readonly secrets: ReadonlyMap<string, string>;
  readonly timeoutMs: number;
  readonly config: string | undefined;
  readonly stateDir: string | undefined;
}

/** Secrets come first: from then on the runner hides them, whatever else goes wrong. */
export function readInputs(): RemoveInputs {
  const secrets = parseSecrets(inputs.raw('secrets') ?? '', 'The input `secrets`');
  mask(secrets.values());
  const driver = inputs.choice('driver', ['compose', 'script', 'worker'], 'compose');
  const worker = inputs.text('worker');
  if (driver === 'worker' && worker === undefined) {
    throw new LaunchError('CONFIG_INVALID', 'The input `worker` is not given.', {
      remedy: 'Name the worker at Cloudflare, as the output `removals` of detect-changed-services does.',
    });
  }
  return {
    secrets,
    service: inputs.required('service'),
    target: inputs.required('target'),
    driver,
    worker,
    accountId: inputs.text('account-id'),
    secretPrefix: inputs.text('secret-prefix'),
    timeoutMs: inputs.duration('timeout', 300_000),
    config: inputs.text('config'),
    stateDir: inputs.text('state-dir'),
  };
}

/** For the record on GitHub. */
export function readRecord(): RecordInputs {
  return { token: inputs.text('token'), job: inputs.text('job-id') };
}
