import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { looksLikeKey, sopsKeyName } from '../../core/secrets/sops-key.ts';

/** A key for sops: what sops is told of it, and where it was found. */
export interface SopsKey {
  readonly env: Readonly<Record<string, string>>;
  readonly from: string;
}

/**
 * The key to use: the one that was given, else the one that the runner's own environment holds or names, else the
 * file where sops itself looks for it. Undefined where there is none.
 *
 * @throws LaunchError CONFIG_INVALID for one that is none, or a file that can't be read
 */
export async function findSopsKey(
  given: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<SopsKey | undefined> {
  if (given !== undefined) return checked(given, `the secret ${sopsKeyName}`);
  const ofRunner = env[sopsKeyName];
  if (ofRunner) return checked(ofRunner, `the runner's variable ${sopsKeyName}`);
  const named = env[keyFileName];
  if (named) {
    if (await isReadable(named)) return inFile(named);
    throw new LaunchError(
      'CONFIG_INVALID',
      `The file ${printable(named)}, which ${keyFileName} names, can't be read.`,
      { remedy: "Check the path, and that the runner's user may read it." },
    );
  }
  const usual = usualFile(env);
  return usual !== undefined && (await isReadable(usual)) ? inFile(usual) : undefined;
}

const keyFileName = `${sopsKeyName}_FILE`;

function checked(key: string, from: string): SopsKey {
  if (looksLikeKey(key)) return { env: { [sopsKeyName]: key }, from };
  throw new LaunchError('CONFIG_INVALID', `What ${from} holds is no age key.`, {
    remedy:
      'It begins with AGE-SECRET-KEY-1, as age-keygen prints it. The public key (age1...) opens nothing.',
  });
}

function inFile(path: string): SopsKey {
  return { env: { [keyFileName]: path }, from: `the file ${printable(path)}` };
}

function usualFile(env: NodeJS.ProcessEnv): string | undefined {
  const config = env['XDG_CONFIG_HOME'] || (env['HOME'] ? join(env['HOME'], '.config') : undefined);
  return config === undefined ? undefined : join(config, 'sops', 'age', 'keys.txt');
}

async function isReadable(path: string): Promise<boolean> {
  return await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
