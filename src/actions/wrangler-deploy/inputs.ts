import { parseGradual } from '../../core/cloudflare/gradual.ts';
import { LaunchError } from '../../core/errors.ts';
import { parseSecrets } from '../../core/secrets/parse-secrets.ts';
import type { WorkerAsked } from '../../operations/worker/asked.ts';
import type { RecordInputs } from '../../runner/deployment-recorder.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

export interface WranglerDeployInputs
  extends Omit<WorkerAsked, 'cwd' | 'service' | 'by' | 'hostEnv' | 'signal' | 'onSecrets'> {
  readonly operation: 'deploy' | 'rollback' | 'delete' | 'list';
  /** Empty: the worker in `folder`. */
  readonly services: readonly string[];
  readonly versionId: string | undefined;
  readonly atomic: boolean;
  readonly confirm: string | undefined;
}

/** Secrets come first: from then on the runner hides them, whatever else goes wrong. */
export function readInputs(): WranglerDeployInputs {
  const apiToken = inputs.raw('api-token')?.trim();
  if (apiToken !== undefined) mask([apiToken]);
  const secrets = parseSecrets(inputs.raw('secrets') ?? '', 'The input `secrets`');
  mask(secrets.values());
  const read = {
    apiToken,
    secrets,
    accountId: inputs.text('account-id'),
    operation: inputs.choice('operation', ['deploy', 'rollback', 'delete', 'list'], 'deploy'),
    services: inputs.list('service') ?? [],
    folder: inputs.text('working-directory'),
    target: inputs.text('target'),
    environment: inputs.text('env'),
    name: inputs.text('name'),
    vars: parseSecrets(inputs.raw('vars') ?? '', 'The input `vars`'),
    versionId: inputs.text('version-id'),
    smokeUrl: inputs.text('smoke-url'),
    gradual: parseGradual(inputs.text('gradual')),
    atomic: inputs.boolean('atomic', false),
    confirm: inputs.text('confirm'),
    timeoutMs: inputs.duration('timeout', 300_000),
    force: inputs.boolean('force', false),
    dryRun: inputs.boolean('dry-run', false),
    config: inputs.text('config'),
  };
  assertTogether(read);
  return read;
}

/** For records on GitHub. */
export function readRecord(): RecordInputs {
  return { token: inputs.text('token'), job: inputs.text('job-id') };
}

function assertTogether(read: WranglerDeployInputs): void {
  const { services, folder, operation, name, versionId, smokeUrl } = read;
  if (services.length === 0 && folder === undefined) {
    throw refuse(
      'Neither `service` nor `working-directory` is given.',
      'Name the service, or the folder of the worker.',
    );
  }
  if (services.length > 0 && folder !== undefined) {
    throw refuse('Both `service` and `working-directory` are given.', 'Keep one of them.');
  }
  // Of a form that has both, the version is left from the time before.
  if (versionId !== undefined && operation !== 'rollback' && operation !== 'list') {
    throw refuse(
      '`version-id` is given, but nothing is rolled back.',
      'Set `operation: rollback`, or leave it out.',
    );
  }
  if (services.length < 2) return;
  const lone = [
    operation === 'delete' || operation === 'list' ? `\`operation: ${operation}\`` : undefined,
    name === undefined ? undefined : '`name`',
    versionId === undefined ? undefined : '`version-id`',
    smokeUrl === undefined || smokeUrl.startsWith('/') ? undefined : 'A whole URL as `smoke-url`',
  ].find((it) => it !== undefined);
  if (lone !== undefined)
    throw refuse(`${lone} is for one worker, and there are ${services.length}.`, 'Name one service.');
}

function refuse(summary: string, remedy: string): LaunchError {
  return new LaunchError('CONFIG_INVALID', summary, { remedy });
}
