import { LaunchError } from '../errors.ts';
import { unquoted } from './dotenv-quotes.ts';
import { assertFit, assertSize } from './parse-secrets.ts';

/** A service's own secrets, encrypted by SOPS in its dotenv format. */
export const sopsFileName = 'secrets.enc.env';

/** Reads the file from stdin. SOPS goes by the ending of a name; JSON, because it keeps line ends apart from `\n`. */
export const decryptArgv = [
  'sops',
  'decrypt',
  '--filename-override',
  sopsFileName,
  '--output-type',
  'json',
] as const;

/** How a decryption ended, by the exit statuses of SOPS (cmd/sops/codes); what it prints may quote plain text. */
export function sopsFault(exitCode: number): 'key' | 'old' | 'changed' | 'broken' {
  switch (exitCode) {
    case 128:
      return 'key';
    // No file named: stdin is read since 3.10.
    case 100:
      return 'old';
    case 25:
    case 51:
      return 'changed';
    default:
      return 'broken';
  }
}

/** Whether SOPS has written it: then it bears a code over all of its values. */
export function isSopsFile(text: string): boolean {
  return /^sops_mac=ENC\[/m.test(text);
}

/** For whom it is encrypted: age's public keys, which stand there in plain. */
export function recipientsOf(text: string): string[] {
  return [...text.matchAll(/^sops_age__list_\d+__map_recipient=(\S+)$/gm)].map(([, key = '']) => key);
}

/**
 * The numbers of lines whose values stand in plain in an encrypted file, though nothing in it says that they may:
 * somebody wrote them there without SOPS.
 */
export function plainLines(text: string): number[] {
  // Which names stay plain by a regular expression is for SOPS to tell.
  if (/^sops_(?:un)?encrypted_regex=/m.test(text)) return [];
  const encrypted = /^sops_encrypted_suffix=(.+)$/m.exec(text)?.[1];
  const plain = /^sops_unencrypted_suffix=(.+)$/m.exec(text)?.[1];
  const mayBePlain = (name: string): boolean =>
    name.startsWith('sops_') ||
    (plain !== undefined && name.endsWith(plain)) ||
    (encrypted !== undefined && !name.endsWith(encrypted));
  return text.split(/\r?\n/).flatMap((line, index) => {
    const [, name = '', value = ''] = /^([^#=][^=]*)=(.*)$/.exec(line) ?? [];
    return value === '' || value.startsWith('ENC[') || mayBePlain(name) ? [] : [index + 1];
  });
}

/**
 * Names and values out of what SOPS decrypted. SOPS takes a line's value as it stands; quotes around all of it are
 * those of a .env file, and go. So do the carriage returns of a file that was written on Windows.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function parseDecrypted(json: string, file: string): ReadonlyMap<string, string> {
  const entries = Object.entries(objectIn(json, file)).map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  );
  const filled = entries.filter(([, value]) => value !== '');
  const isWindows = filled.length > 0 && filled.every(([, value]) => value.endsWith('\r'));
  const values = new Map(
    entries.map(([name, value]) => [name, unquoted(isWindows ? value.replace(/\r$/, '') : value)] as const),
  );
  assertSize(
    [...values].reduce((sum, [name, value]) => sum + Buffer.byteLength(`${name}=${value}\n`), 0),
    file,
  );
  assertFit(values, file);
  return values;
}

function objectIn(json: string, file: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The parser's own message quotes the text, so it is not passed on.
  }
  throw new LaunchError('CONFIG_INVALID', `What sops makes of ${file} can not be read.`, {
    place: { file },
    remedy: 'Install a current sops on the runner.',
  });
}
