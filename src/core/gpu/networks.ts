import ipaddr from 'ipaddr.js';
import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';

/** Addresses and networks, each with the length of its prefix, as a firewall takes them. */
export interface Networks {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/** Firewalls take so many addresses of a family in one rule. */
const most = 255;

/**
 * `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`.
 *
 * @throws LaunchError CONFIG_INVALID; `what` names the input
 */
export function parseNetworks(texts: readonly string[], what: string): Networks {
  const ipv4 = new Set<string>();
  const ipv6 = new Set<string>();
  for (const text of texts) {
    const network = parseNetwork(text);
    if (network === undefined) {
      throw new LaunchError('CONFIG_INVALID', `${what} names "${printable(text, 80)}".`, {
        remedy:
          'It takes addresses and networks such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32, separated by commas. A network is written by its first address.',
      });
    }
    (network.family === 4 ? ipv4 : ipv6).add(network.text);
  }
  if (ipv4.size > most || ipv6.size > most) {
    throw new LaunchError('CONFIG_INVALID', `${what} names more than ${most} addresses.`, {
      remedy: 'Name networks instead.',
    });
  }
  return { ipv4: [...ipv4].sort(), ipv6: [...ipv6].sort() };
}

/** Whether an address is in one of them. */
export function includesAddress(networks: Networks, address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const asked = ipaddr.parse(address);
  const family = asked.kind() === 'ipv4' ? networks.ipv4 : networks.ipv6;
  return family.some((network) => asked.match(ipaddr.parseCIDR(network)));
}

export function allNetworks({ ipv4, ipv6 }: Networks): readonly string[] {
  return [...ipv4, ...ipv6];
}

/** Those that let in a large part of the world, or all of it. */
export function wideNetworks(networks: Networks): readonly string[] {
  const length = (network: string) => Number(network.split('/')[1]);
  return [
    ...networks.ipv4.filter((network) => length(network) < 8),
    ...networks.ipv6.filter((network) => length(network) < 16),
  ];
}

/** An address that others on the internet can have, as the answer to where a request came from. */
export function isPublicAddress(text: string): boolean {
  if (!isWrittenOut(text)) return false;
  // Among the reserved ones are those of documentation; a rule for one of them lets nobody in.
  return ['unicast', 'reserved'].includes(ipaddr.parse(text).range());
}

function parseNetwork(text: string): { readonly family: 4 | 6; readonly text: string } | undefined {
  const [address = '', length] = text.split('/');
  if (!isWrittenOut(address)) return undefined;
  const is4 = ipaddr.IPv4.isValid(address);
  const network = length === undefined ? `${address}/${is4 ? 32 : 128}` : text;
  if (!ipaddr.isValidCIDR(network)) return undefined;
  const first = (is4 ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(network).toNormalizedString();
  // `203.0.113.7/24` may be meant as one address or as the network it is in; `0.0.0.0` is nobody's address.
  if (first !== ipaddr.parse(address).toNormalizedString()) return undefined;
  if (length === undefined && ipaddr.parse(address).range() === 'unspecified') return undefined;
  return { family: is4 ? 4 : 6, text: network.toLowerCase() };
}

/** `0x7f.1`, `1.2.3.04` and `::ffff:1.2.3.4` are other addresses to some programs than to others. */
function isWrittenOut(text: string): boolean {
  return text.includes(':')
    ? ipaddr.IPv6.isValid(text) && /^[0-9a-f:]+$/i.test(text)
    : ipaddr.IPv4.isValidFourPartDecimal(text);
}
