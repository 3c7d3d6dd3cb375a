import { LaunchError, type Place } from '../errors.ts';

/** What a service asks for, and what there is. */
export interface SecretsRequest {
  readonly declared: readonly string[];
  /** Of the target; a name with it wins over the bare name. */
  readonly prefix: string | undefined;
  readonly given: ReadonlyMap<string, string>;
  /** The file that declares them, for errors. */
  readonly place: Place;
}

/**
 * The declared names with their values; nothing else passes. An empty value counts as missing, because that is
 * what GitHub gives for a secret that is not set.
 *
 * @throws LaunchError SECRET_MISSING that names all that are missing
 */
export function chooseSecrets(request: SecretsRequest): ReadonlyMap<string, string> {
  const { declared, prefix, given, place } = request;
  const chosen = new Map<string, string>();
  const missing: string[] = [];
  for (const name of new Set(declared)) {
    const prefixed = prefix === undefined ? undefined : given.get(`${prefix}${name}`);
    const value = prefixed === undefined || prefixed === '' ? given.get(name) : prefixed;
    if (value === undefined || value === '') missing.push(name);
    else chosen.set(name, value);
  }
  if (missing.length === 0) return chosen;
  const also = prefix === undefined ? '' : ` (or with the target's prefix ${prefix})`;
  throw new LaunchError(
    'SECRET_MISSING',
    `${missing.length === 1 ? 'The secret' : 'The secrets'} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} declared, but no value was given.`,
    {
      place,
      remedy: `Put ${missing.length === 1 ? 'it' : 'them'}${also} into the secret LAUNCH_SECRETS of the environment, or hand ${missing.length === 1 ? 'it' : 'them'} to the \`secrets\` input.`,
    },
  );
}
