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
  const is6 = address.includes(':');
  const bits = is6 ? bitsOf6(address) : bitsOf4(address);
  return (is6 ? networks.ipv6 : networks.ipv4).some((network) => {
    const [first = '', length] = network.split('/');
    const start = is6 ? bitsOf6(first) : bitsOf4(first);
    const rest = BigInt((is6 ? 128 : 32) - Number(length));
    return bits !== undefined && start !== undefined && bits >> rest === start >> rest;
  });
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
  const network = text.includes('/') ? undefined : parseNetwork(text);
  return network?.family === 4
    ? !/^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|22[4-9]|23\d|24\d|25[0-5])\./.test(
        text,
      )
    : network !== undefined && !/^(fe[89ab]|f[cd]|ff|::)/i.test(text);
}

function parseNetwork(text: string): { readonly family: 4 | 6; readonly text: string } | undefined {
  const [address = '', length, ...more] = text.split('/');
  if (more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const family = address.includes(':') ? 6 : 4;
  const bits = family === 4 ? bitsOf4(address) : bitsOf6(address);
  const size = family === 4 ? 32 : 128;
  const prefix = length === undefined ? size : Number(length);
  if (bits === undefined || prefix > size) return undefined;
  // `203.0.113.7/24` may be meant as one address or as the network it is in.
  if ((bits & ((1n << BigInt(size - prefix)) - 1n)) !== 0n) return undefined;
  return { family, text: `${address.toLowerCase()}/${prefix}` };
}

function bitsOf4(text: string): bigint | undefined {
  const parts = text.split('.');
  // A leading zero is octal to some programs.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function bitsOf6(text: string): bigint | undefined {
  if (!/^[0-9a-f:]+$/i.test(text) || text.includes(':::')) return undefined;
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
