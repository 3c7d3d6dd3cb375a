import { LaunchError, type Place } from '../errors.ts';
import { secretValue } from './secret-value.ts';

/** What a service asks for, and what there is. */
export interface SecretsRequest {
  readonly declared: readonly string[];
  /** Of the target; a name with it wins over the bare name. */
  readonly prefix: string | undefined;
  /** The first of them that has a value wins. */
  readonly sources: readonly ReadonlyMap<string, string>[];
  /** The file that declares them, for errors. */
  readonly place: Place;
  /** Why a source has none, as whole sentences. */
  readonly hints?: readonly string[];
}

/**
 * The declared names with their values; nothing else passes.
 *
 * @throws LaunchError SECRET_MISSING that names all that are missing
 */
export function chooseSecrets(request: SecretsRequest): ReadonlyMap<string, string> {
  const { declared, prefix, sources, place, hints = [] } = request;
  const chosen = new Map<string, string>();
  const missing: string[] = [];
  for (const name of new Set(declared)) {
    const value = findSecret(name, prefix, sources);
    if (value === undefined) missing.push(name);
    else chosen.set(name, value);
  }
  if (missing.length === 0) return chosen;
  const [subject, verb, it] =
    missing.length === 1 ? ['The secret', 'is', 'it'] : ['The secrets', 'are', 'them'];
  const also = prefix === undefined ? '' : ` (or with the target's prefix ${prefix})`;
  throw new LaunchError(
    'SECRET_MISSING',
    `${subject} ${missing.join(', ')} ${verb} declared, but no value was given.`,
    {
      place,
      remedy: [...hints, handOver(`${it}${also}`)].join(' '),
    },
  );
}

/** How a secret gets to a deployment; `what`: what is to be handed over. */
export function handOver(what: string): string {
  return `Put ${what} into the secret LAUNCH_SECRETS of the environment or the \`secrets\` input; at a terminal, into the file that --secrets-file names or the variable LAUNCH_SECRETS.`;
}

export function findSecret(
  name: string,
  prefix: string | undefined,
  sources: SecretsRequest['sources'],
): string | undefined {
  for (const source of sources) {
    const value = secretValue(name, prefix, source);
    if (value !== undefined) return value;
  }
  return undefined;
}
