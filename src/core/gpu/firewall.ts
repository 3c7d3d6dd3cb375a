import { firewallLabel } from './labels.ts';
import type { Networks } from './networks.ts';

/** A rule of a firewall, in the words of Linode's API. */
export interface FirewallRule {
  readonly action: string;
  readonly protocol: string;
  readonly ports?: string | undefined;
  readonly addresses: {
    readonly ipv4?: readonly string[] | undefined;
    readonly ipv6?: readonly string[] | undefined;
  };
  readonly label?: string | undefined;
  readonly description?: string | undefined;
}

export interface FirewallRules {
  readonly inbound: readonly FirewallRule[];
  readonly inbound_policy: string;
  readonly outbound: readonly FirewallRule[];
  readonly outbound_policy: string;
}

export interface Firewall {
  readonly id: number;
  readonly label: string;
  readonly rules: FirewallRules;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What is reached from outside: SSH, the chat in the browser, the API. */
const openPorts = '22, 3000, 8000';

/** The rules before an instance: its ports from these networks, and nothing else comes in. */
export function rulesFor(instance: string, { ipv4, ipv6 }: Networks): FirewallRules {
  return {
    inbound: [
      {
        action: 'ACCEPT',
        protocol: 'TCP',
        ports: openPorts,
        addresses: { ...(ipv4.length === 0 ? {} : { ipv4 }), ...(ipv6.length === 0 ? {} : { ipv6 }) },
        label: 'launch-sandbox',
        description: madeFor(instance),
      },
    ],
    inbound_policy: 'DROP',
    outbound: [],
    outbound_policy: 'ACCEPT',
  };
}

/** Whether Launch made the firewall for the instance of that label. */
export function isMadeFor({ label, rules }: Firewall, instance: string): boolean {
  return (
    label === firewallLabel(instance) &&
    rules.inbound.some(({ description }) => description === madeFor(instance))
  );
}

/** Whether Launch made the firewall for any instance. */
export function isMadeByLaunch({ rules }: Firewall): boolean {
  return rules.inbound.some(({ description }) => description?.startsWith(madeFor('')) === true);
}

function madeFor(instance: string): string {
  return `Made by Launch for ${instance}`;
}

export function sameRules(one: FirewallRules, other: FirewallRules): boolean {
  return JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(other));
}

/** The networks that reach the instance. */
export function allowedNetworks(rules: FirewallRules): readonly string[] {
  const accepted = rules.inbound.filter(({ action }) => action === 'ACCEPT');
  return accepted.flatMap(({ addresses }) => [...(addresses.ipv4 ?? []), ...(addresses.ipv6 ?? [])]);
}

/** Addresses have no order, and spaces between ports mean nothing. */
function inOrder({ inbound, outbound, inbound_policy, outbound_policy }: FirewallRules) {
  const rule = (it: FirewallRule) => [
    it.action,
    it.protocol,
    it.ports?.replace(/\s/g, '') ?? '',
    it.label ?? '',
    it.description ?? '',
    ...[(it.addresses.ipv4 ?? []).toSorted(), (it.addresses.ipv6 ?? []).toSorted()],
  ];
  return [inbound.map(rule), outbound.map(rule), inbound_policy, outbound_policy];
}
