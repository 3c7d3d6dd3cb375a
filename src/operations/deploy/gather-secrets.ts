import { decryptSops } from '../../adapters/sops/decrypt.ts';
import { findSopsKey } from '../../adapters/sops/find-key.ts';
import type { ReleaseRegistry } from '../../core/deploy/release.ts';
import { LaunchError, type Place } from '../../core/errors.ts';
import { chooseSecrets, findSecret } from '../../core/secrets/choose-secrets.ts';
import { isSopsFile, recipientsOf } from '../../core/secrets/sops-file.ts';
import { sopsKeyName, takeKey } from '../../core/secrets/sops-key.ts';
import type { DeployRequest } from './request.ts';

export interface SecretsSought {
  readonly request: Pick<DeployRequest, 'secrets' | 'hostEnv' | 'signal' | 'onSecrets'>;
  readonly declared: readonly string[];
  /** Their passwords may stand in the files, too. */
  readonly registries: readonly ReleaseRegistry[];
  readonly prefix: string | undefined;
  /** The file that declares them, for errors. */
  readonly place: Place;
  /** Encrypted ones; the first that has a value wins. */
  readonly files: readonly SecretsFile[];
}

export interface SecretsFile {
  /** From the top of the repository. */
  readonly path: string;
  /** Undefined when there is no such file. */
  readonly read: () => Promise<Uint8Array | undefined>;
}

export interface GatheredSecrets {
  /** What the service declares. */
  readonly chosen: ReadonlyMap<string, string>;
  /** What was given, without the key of the files, and with the passwords of the registries. */
  readonly given: ReadonlyMap<string, string>;
  /** Values of neither that may turn up nowhere all the same. */
  readonly hidden: readonly string[];
}

/**
 * The secrets of a deployment. What is given wins; a file is decrypted only where something is still lacking. It
 * is in memory only, and whoever asked is told of each value before anything else happens.
 *
 * @throws LaunchError SECRET_MISSING that names all that are missing, and what `decryptSops` throws
 */
export async function gatherSecrets(sought: SecretsSought): Promise<GatheredSecrets> {
  const { request, declared, registries, prefix, place, files } = sought;
  const { key: givenKey, keys, rest } = takeKey(request.secrets, prefix);
  const sources = [rest];
  const hidden = [...keys];
  const hints: string[] = [];
  const wanted = [...declared, ...registries.map(({ secret }) => secret)];
  const isLacking = () => wanted.some((name) => findSecret(name, prefix, sources) === undefined);
  const hide = (values: Iterable<string>) => {
    const all = [...values];
    request.onSecrets?.(all);
    hidden.push(...all);
  };
  for (const file of files) {
    const content = isLacking() ? await file.read() : undefined;
    if (content === undefined) continue;
    const text = new TextDecoder().decode(content);
    if (!isSopsFile(text)) throw notEncrypted(file.path);
    const key = await findSopsKey(givenKey, request.hostEnv);
    if (key === undefined) {
      hints.push(`${file.path} may have it, but no key was given that opens it (${sopsKeyName}).`);
      continue;
    }
    const ofRunner = key.env[sopsKeyName];
    if (ofRunner !== undefined && ofRunner !== givenKey) hide([ofRunner]);
    const { hostEnv: env, signal } = request;
    const values = await decryptSops(content, { file: file.path, key, env, signal });
    if (values === 'wrong key') hints.push(notOpened(file.path, key.from, recipientsOf(text)));
    else {
      hide(values.values());
      sources.push(values);
    }
  }
  const chosen = chooseSecrets({ declared, prefix, sources, place, hints });
  return { chosen, given: withPasswords(rest, sources, sought), hidden };
}

/** A password that only a file has goes by its plain name: what is given has none with the prefix then. */
function withPasswords(
  given: ReadonlyMap<string, string>,
  sources: readonly ReadonlyMap<string, string>[],
  { registries, prefix }: SecretsSought,
): ReadonlyMap<string, string> {
  const found = registries.flatMap(({ secret }) => {
    if (findSecret(secret, prefix, [given]) !== undefined) return [];
    const value = findSecret(secret, prefix, sources);
    return value === undefined ? [] : [[secret, value] as const];
  });
  return new Map([...given, ...found]);
}

function notOpened(file: string, from: string, recipients: readonly string[]): string {
  const wanted = recipients.length === 0 ? '' : `: it is encrypted for ${recipients.join(', ')}`;
  return `${file} may have it, but ${from} does not open it${wanted}. Give one of those keys as ${sopsKeyName}, or have somebody who has one add yours (\`sops updatekeys\`).`;
}

function notEncrypted(file: string): LaunchError {
  return new LaunchError('CONFIG_INVALID', `${file} is not encrypted.`, {
    place: { file },
    remedy: `Nothing has been changed. What stands in it is known to everyone who can read the repository: replace those values where they are used, then encrypt the file: sops encrypt --in-place ${file}.`,
  });
}
