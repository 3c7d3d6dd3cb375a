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
