import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';
import { parseSecrets } from '../core/secrets/parse-secrets.ts';

/** Secrets from a file, from stdin (`-`), or else from the variable LAUNCH_SECRETS; never from the command line. */
export async function readSecrets(file: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (file === undefined)
    return parseSecrets(process.env['LAUNCH_SECRETS'] ?? '', 'The variable LAUNCH_SECRETS');
  if (file === '-') return parseSecrets(await text(process.stdin), 'The text on stdin');
  try {
    return parseSecrets(await readFile(file, 'utf8'), `The file ${printable(file)}`);
  } catch (cause) {
    if (cause instanceof LaunchError) throw cause;
    throw new LaunchError('CONFIG_INVALID', `The secrets file "${printable(file)}" can't be read.`, {
      remedy: 'Check the path given by --secrets-file, and that this user may read it.',
      cause,
    });
  }
}
