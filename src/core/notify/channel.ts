import * as z from 'zod/mini';

/** When a channel is told: of every run, or of those alone in which something failed or was cancelled. */
const common = {
  /** Shown in place of the address, which is a secret. */
  name: z.optional(
    z
      .string()
      .check(z.regex(/^[\p{L}\p{N}][\p{L}\p{N} _.#-]{0,59}$/u, { error: 'has to be a short plain name' })),
  ),
  on: z._default(z.enum(['always', 'failure']), 'always'),
};

const webUrl = z.string().check(
  z.refine((text) => isSafeUrl(text, ['https:'], ['http:']), {
    error: 'has to be an https:// URL (http:// for this machine only), without a user or password',
  }),
);

const mailUrl = z.string().check(
  z.refine((text) => isSafeUrl(text, ['smtps:', 'smtp:'], []) && mailServer(text) !== undefined, {
    error:
      'has to be smtps://user:password@host:465 or smtp://user:password@host:587; characters such as / # ? % @ in the password are written as %2F, %23, %3F, %25 and %40',
  }),
);

/** Plain ASCII without what a header or the SMTP dialogue gives a meaning to. */
const address = z.string().check(
  z.regex(/^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,187}[A-Za-z0-9])?$/, {
    error: 'has to be a plain e-mail address, such as ops@example.org',
  }),
);

const schemas = {
  slack: z.strictObject({ type: z.literal('slack'), url: webUrl, ...common }),
  discord: z.strictObject({ type: z.literal('discord'), url: webUrl, ...common }),
  webhook: z.strictObject({
    type: z.literal('webhook'),
    url: webUrl,
    secret: z
      .string()
      .check(
        z.minLength(16, { error: 'has to have 16 characters or more' }),
        z.maxLength(1024, { error: 'has to have at most 1024 characters' }),
      ),
    ...common,
  }),
  email: z.strictObject({
    type: z.literal('email'),
    url: mailUrl,
    from: address,
    to: z.pipe(
      z.union([address, z.array(address).check(z.minLength(1), z.maxLength(50))]),
      z.transform((to) => (typeof to === 'string' ? [to] : to)),
    ),
    ...common,
  }),
} as const;

export type ChannelType = keyof typeof schemas;
export const channelTypes = Object.keys(schemas) as readonly ChannelType[];

type Settings = { readonly [Type in ChannelType]: z.output<(typeof schemas)[Type]> };

/** Where messages go, as a person has written it down; `name` is always there. */
export type Channel = {
  [Type in ChannelType]: Omit<Settings[Type], 'name'> & { readonly name: string };
}[ChannelType];
export type ChannelOf<Type extends ChannelType> = Extract<Channel, { readonly type: Type }>;

export function schemaOf(type: string) {
  return channelTypes.find((known) => known === type) === undefined
    ? undefined
    : schemas[type as ChannelType];
}

/** How a mail server is reached. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise by STARTTLS, which is not left out unless the server is this machine. */
  readonly isSecure: boolean;
  readonly isLoopback: boolean;
  readonly login?: { readonly user: string; readonly password: string };
}

/** undefined when the URL is none that says how to reach a mail server. */
export function mailServer(text: string): MailServer | undefined {
  try {
    const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
    if (hostname === '' || !['', '/'].includes(pathname) || search !== '' || hash !== '') return undefined;
    if ((username === '') !== (password === '')) return undefined;
    const login = { user: decodeURIComponent(username), password: decodeURIComponent(password) };
    const isSecure = protocol === 'smtps:';
    return {
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? (isSecure ? 465 : 587) : Number(port),
      isSecure,
      isLoopback: isLoopback(hostname),
      ...(username === '' ? {} : { login }),
    };
  } catch {
    return undefined;
  }
}

function isSafeUrl(text: string, schemes: readonly string[], onLoopback: readonly string[]): boolean {
  if (!URL.canParse(text) || /[\s\u0000-\u001f\u007f]/.test(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isKnown = schemes.includes(protocol) || (onLoopback.includes(protocol) && isLoopback(hostname));
  // fetch refuses a URL with a login in it.
  return isKnown && (protocol.startsWith('smtp') || (username === '' && password === ''));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
