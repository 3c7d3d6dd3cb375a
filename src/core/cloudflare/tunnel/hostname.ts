import { LaunchError } from '../../errors.ts';
import { printable } from '../../names.ts';

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * A public hostname as Cloudflare keeps it: lower case, without a final dot; `*.` may stand in front.
 *
 * @throws LaunchError CONFIG_INVALID; `what` names the input
 */
export function parseHostname(text: string, what: string): string {
  const hostname = text.toLowerCase().replace(/\.$/, '');
  const labels = hostname.replace(/^\*\./, '').split('.');
  const last = labels.at(-1) ?? '';
  const isHostname =
    hostname.length <= 253 &&
    labels.length >= 2 &&
    labels.every((it) => label.test(it)) &&
    /[a-z]/.test(last);
  if (isHostname) return hostname;
  throw new LaunchError(
    'CONFIG_INVALID',
    `${what} is "${printable(text, 80)}", which is no public hostname.`,
    {
      remedy:
        'It takes a name below one of your zones, such as chat.example.org or *.example.org: no scheme, port or path; names beyond ASCII in their xn-- form.',
    },
  );
}

/** The names that the zone of a hostname can have, the longest first. A top-level domain is nobody's zone. */
export function zoneCandidates(hostname: string): string[] {
  const labels = hostname.replace(/^\*\./, '').split('.');
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'));
}
