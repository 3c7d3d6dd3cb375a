import { parseSecrets } from '../../core/secrets/parse-secrets.ts';
import type { DeployRequest } from '../../operations/deploy-service.ts';
import type { RecordInputs } from '../../runner/deployment-recorder.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

export type ComposeDeployInputs = Omit<
  DeployRequest,
  | 'service'
  | 'cwd'
  | 'hostEnv'
  | 'signal'
  | 'repository'
  | 'by'
  | 'runUrl'
  | 'order'
  | 'trigger'
  | 'skipFrozen'
  | 'onRelease'
  | 'onSecrets'
> & {
  /** Deployed one after another. */
  readonly services: readonly string[];
};

/** Secrets come first: from then on the runner hides them, whatever else goes wrong. */
export function readInputs(): ComposeDeployInputs {
  const secrets = parseSecrets(inputs.raw('secrets') ?? '', 'The input `secrets`');
  mask(secrets.values());
  return {
    secrets,
    env: parseSecrets(inputs.raw('env') ?? '', 'The input `env`'),
    services: readServices(),
    target: inputs.text('target'),
    strategy:
      inputs.text('strategy') === undefined ? undefined : inputs.choice('strategy', strategies, 'recreate'),
    timeoutMs: inputs.duration('timeout', 300_000),
    stateDir: inputs.text('state-dir'),
    keepReleases: inputs.integer('keep-releases', 5, { min: 0, max: 1000 }),
    rollbackOnFailure: inputs.boolean('rollback-on-failure', true),
    force: inputs.boolean('force', false),
    dryRun: inputs.boolean('dry-run', false),
    config: inputs.text('config'),
  };
}

/** For records on GitHub. */
export function readRecord(): RecordInputs {
  return { token: inputs.text('token'), job: inputs.text('job-id') };
}

/** A list that turns out empty is refused as it was typed, so that nothing is taken for done. */
function readServices(): readonly string[] {
  const names = inputs.list('service') ?? [];
  return names.length > 0 ? names : [inputs.required('service')];
}

const strategies = ['recreate', 'rolling', 'blue-green'] as const;
