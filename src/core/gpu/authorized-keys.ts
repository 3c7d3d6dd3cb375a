import { LaunchError } from '../errors.ts';

const publicKey =
  /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp\d+|sk-(ssh|ecdsa)-[\w@.-]+) [A-Za-z0-9+/]+={0,3}( .*)?$/;

/** Whether a line is a key rather than the name of a file with keys. */
export function isPublicKey(line: string): boolean {
  return publicKey.test(line);
}

/**
 * The public keys in a text, such as `id_ed25519.pub` or `authorized_keys`; empty lines and comments are left out.
 *
 * @throws LaunchError CONFIG_INVALID; the text is not repeated, because people do confuse the two files
 */
export function publicKeysIn(text: string, what: string): string[] {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new LaunchError('CONFIG_INVALID', `${what} is a private key.`, {
      remedy:
        'Give the public one, whose file ends with .pub. The private one stays where it is. Nothing has been made.',
    });
  }
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const wrong = keys.findIndex((line) => !isPublicKey(line));
  if (wrong === -1 && keys.length > 0) return keys;
  throw new LaunchError(
    'CONFIG_INVALID',
    keys.length === 0
      ? `${what} holds no key.`
      : `${what} holds something that is no public SSH key: entry ${wrong + 1}.`,
    { remedy: 'It takes lines such as "ssh-ed25519 AAAA… name". Nothing has been made.' },
  );
}
