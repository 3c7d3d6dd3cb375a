import { LaunchError } from '../../errors.ts';
import { printable } from '../../names.ts';

/** What a hostname leads to, seen from where cloudflared runs. */
export interface Origin {
  /** As cloudflared takes it. */
  readonly service: string;
  /** Undefined for a socket file or a fixed status. */
  readonly host: string | undefined;
  /** Whether people reach it with a browser. */
  readonly isWeb: boolean;
}

const address =
  /^(https?|tcp|ssh|rdp|smb):\/\/([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(:\d{1,5})?\/?$/i;
const socket = /^unix(\+tls)?:\/[^\s\u0000-\u001f\u007f]+$/;

/**
 * The `service` of an ingress rule. cloudflared refuses a path in it: the path is always that of the request.
 *
 * @throws LaunchError CONFIG_INVALID; `what` names the input
 */
export function parseOrigin(text: string, what: string): Origin {
  if (socket.test(text)) return { service: text, host: undefined, isWeb: true };
  const status = /^http_status:([1-5]\d\d)$/.exec(text);
  if (status !== null) return { service: text, host: undefined, isWeb: true };
  const [, scheme, host, , port] = address.exec(text) ?? [];
  const isPort = port === undefined || (Number(port.slice(1)) >= 1 && Number(port.slice(1)) <= 65_535);
  if (scheme !== undefined && host !== undefined && isPort) {
    const isWeb = /^https?$/i.test(scheme);
    return { service: text.replace(/\/$/, ''), host: host.toLowerCase(), isWeb };
  }
  // Not repeated as a whole: people do write credentials into URLs.
  const shown = printable(text.replace(/\/\/[^/@]*@/, '//***@').replace(/\?.*$/s, '?…'), 80);
  throw new LaunchError(
    'CONFIG_INVALID',
    `${what} is "${shown}", which cloudflared can't lead requests to.`,
    {
      remedy:
        'It takes an address without path, user and query, such as http://127.0.0.1:3080 or https://app:8443, also tcp://, ssh://, rdp:// and smb://; unix:/path/of.sock; or http_status:503.',
    },
  );
}

/** Whether the address is the machine's, or container's, own on which cloudflared runs. */
export function isLoopback({ host }: Origin): boolean {
  return host !== undefined && (/^127\./.test(host) || host === 'localhost' || host === '[::1]');
}
