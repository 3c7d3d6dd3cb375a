/** A word that makes a name one of a credential. More than validation complains of: hiding too much does no harm. */
const telling = new Set(
  'password passwords passwd passphrase pwd pw pass secret secrets token tokens key keys apikey apikeys credential credentials cred creds auth basicauth digestauth masterauth authorization bearer cookie cookies dsn salt jwt pat pin otp seed mnemonic hmac webhook htpasswd sig signature passcode passkey private'.split(
    ' ',
  ),
);

/** The last word of a name that speaks about a credential, without being one. */
const about = new Set(
  'file usersfile path dir folder url uri host hostname port enabled disabled enable ttl timeout type method mode algorithm alg length size count limit max min name issuer audience realm scope scopes provider required version format prefix header interval retries rotation lifetime expiry expires expiration'.split(
    ' ',
  ),
);

/** Whether a value under this name is to be hidden: `POSTGRES_PASSWORD`, `apiKey`, `--auth-token`, `requirepass`. */
export function isCredentialName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== '');
  const last = words.at(-1);
  if (last === undefined) return false;
  // Whoever knows the address of a webhook may write to it.
  if (about.has(last)) return /^ur[il]$/.test(last) && words.includes('webhook');
  return words.some((word) => telling.has(word) || endings.test(word));
}

/** Of names that are written as one word. */
const endings =
  /(?:password|passwd|passphrase|pass|secret|token|apikey|(?:access|secret|private|signing|encryption|master|shared|license)key)$/;
