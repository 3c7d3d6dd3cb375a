import { LaunchError } from '../../core/errors.ts';
import { isPublicKey } from '../../core/gpu/authorized-keys.ts';
import {
  defaultTimeoutMs,
  failurePolicies,
  gpuOperations,
  readGpuSettings,
  waitGoals,
} from '../../core/gpu/settings.ts';
import { secretData } from '../../core/gpu/stackscript.ts';
import { parseSecrets } from '../../core/secrets/parse-secrets.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

/** The token and the secrets come first: from then on the runner hides them, whatever else goes wrong. */
export function readInputs() {
  const token = readToken();
  const data = parseSecrets(inputs.raw('stackscript-data') ?? '', 'The input `stackscript-data`');
  mask(secretData(data));
  const operation = inputs.choice('operation', gpuOperations, 'ensure');
  const label = inputs.text('label');
  return {
    token,
    operation,
    label,
    id: readId(),
    dryRun: inputs.boolean('dry-run', false),
    settings: operation === 'ensure' ? readSettings(data) : undefined,
  };
}

/** @throws LaunchError SECRET_MISSING */
export function readToken(): string {
  const token = inputs.text('token');
  if (token === undefined) {
    throw new LaunchError('SECRET_MISSING', 'There is no token for Linode.', {
      remedy: 'Nothing has been changed. Give it as the input `token`.',
    });
  }
  mask([token]);
  return token;
}

function readSettings(stackScriptData: ReadonlyMap<string, string>) {
  return readGpuSettings(
    {
      label: inputs.required('label'),
      types: inputs.list('types'),
      regions: inputs.list('regions'),
      image: inputs.text('image'),
      stackScript: inputs.text('stackscript'),
      stackScriptData,
      authorizedKeys: keyLines(inputs.text('authorized-keys') ?? ''),
      firewall: inputs.list('firewall'),
      tags: inputs.list('tags'),
      ttl: inputs.text('ttl'),
      maxHourlyCost: inputs.text('max-hourly-cost'),
      waitFor:
        inputs.text('wait-for') === undefined ? undefined : inputs.choice('wait-for', waitGoals, 'running'),
      timeoutMs: inputs.duration('timeout', defaultTimeoutMs),
      onFailure: inputs.choice('on-failure', failurePolicies, 'keep'),
    },
    (input) => `The input \`${input}\``,
  );
}

/** A key has blanks in it; several names of files may stand in one line, separated by commas. */
function keyLines(text: string): readonly string[] {
  // As it came, so that it is told as what it is.
  if (text.includes('PRIVATE KEY')) return [text];
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  return lines
    .flatMap((line) => (isPublicKey(line) ? [line] : line.split(',').map((part) => part.trim())))
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function readId(): number | undefined {
  const id = inputs.integer('id', 0, { min: 1, max: Number.MAX_SAFE_INTEGER });
  return id === 0 ? undefined : id;
}
