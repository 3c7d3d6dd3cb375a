// Cloud Firewalls, their rules and what they stand before.
import { isIP } from 'node:net';
import type { FirewallRule, FirewallRules } from '../../../src/core/gpu/firewall.ts';
import {
  fields,
  type LinodeRequest,
  labelOf,
  Malformed,
  ok,
  page,
  Refused,
  type Routes,
  record,
  stamp,
  texts,
} from './envelope.ts';

export interface FakeFirewall {
  readonly id: number;
  readonly label: string;
  created: string;
  updated: string;
  status: 'enabled' | 'disabled';
  rules: FirewallRules;
  readonly tags: readonly string[];
  /** Ids of the instances behind it. */
  readonly linodes: Set<number>;
}

export interface FirewallsState {
  readonly firewalls: Map<number, FakeFirewall>;
  add(part: Pick<FakeFirewall, 'label' | 'rules'> & Partial<FakeFirewall>): FakeFirewall;
}

export function firewallsState(): FirewallsState {
  const firewalls = new Map<number, FakeFirewall>();
  let next = 70_001;
  return {
    firewalls,
    add(part) {
      const now = stamp(Date.now());
      const made: FakeFirewall = {
        id: next,
        created: now,
        updated: now,
        status: 'enabled',
        tags: [],
        linodes: new Set<number>(),
        ...part,
      };
      next += 1;
      firewalls.set(made.id, made);
      return made;
    },
  };
}

export function firewallRoutes(
  { firewalls, add }: FirewallsState,
  instances: () => ReadonlyMap<number, { readonly id: number; readonly label: string }>,
): Routes {
  const find = ({ params }: LinodeRequest): FakeFirewall => {
    const found = firewalls.get(Number(params['id']));
    if (found === undefined) throw new Refused(404, 'Not found');
    return found;
  };
  const devices = ({ linodes }: FakeFirewall) =>
    [...linodes].flatMap((id) => {
      const label = instances().get(id)?.label;
      return label === undefined ? [] : [{ id, label, type: 'linode', url: `/v4/linode/instances/${id}` }];
    });
  const shown = ({ linodes: _, ...rest }: FakeFirewall) => rest;
  const known = () => new Set(instances().keys());
  return {
    'GET /networking/firewalls': (request) =>
      page([...firewalls.values()].map(shown), request, ['label', 'tags']),
    'POST /networking/firewalls': (request) => {
      const given = fields(request, ['label', 'rules', 'devices', 'tags']);
      const label = labelOf(given['label'], 32);
      if ([...firewalls.values()].some((it) => it.label === label)) {
        throw new Refused(400, 'Label must be unique among your firewalls', 'label');
      }
      return ok(
        shown(add({ label, rules: rulesOf(given['rules']), linodes: devicesOf(given['devices'], known()) })),
      );
    },
    'GET /networking/firewalls/:id': (request) => ok(shown(find(request))),
    'DELETE /networking/firewalls/:id': (request) => {
      firewalls.delete(find(request).id);
      return ok({});
    },
    'GET /networking/firewalls/:id/rules': (request) => ok(find(request).rules),
    'PUT /networking/firewalls/:id/rules': (request) => {
      const firewall = find(request);
      firewall.rules = rulesOf(fields(request, ['inbound', 'inbound_policy', 'outbound', 'outbound_policy']));
      firewall.updated = stamp(Date.now());
      return ok(firewall.rules);
    },
    'GET /networking/firewalls/:id/devices': (request) =>
      page(
        devices(find(request)).map((entity, at) => ({ id: at + 1, entity })),
        request,
      ),
    'POST /networking/firewalls/:id/devices': (request) => {
      const firewall = find(request);
      const { id, type } = fields(request, ['id', 'type']);
      if (type !== 'linode' || typeof id !== 'number' || !known().has(id))
        throw new Refused(400, 'Invalid device', 'id');
      if ([...firewalls.values()].some((it) => it.linodes.has(id))) {
        throw new Refused(400, `Linode with ID ${id} is already assigned to a firewall`, 'id');
      }
      firewall.linodes.add(id);
      return ok({ id: 1, entity: devices(firewall).find((it) => it.id === id) });
    },
    'GET /linode/instances/:id/firewalls': (request) => {
      const id = Number(request.params['id']);
      if (!known().has(id)) throw new Refused(404, 'Not found');
      return page([...firewalls.values()].filter(({ linodes }) => linodes.has(id)).map(shown), request);
    },
  };
}

function devicesOf(value: unknown, known: ReadonlySet<number>): Set<number> {
  if (value === undefined) return new Set();
  const { linodes = [], ...more } = record(value, 'devices');
  if (Object.keys(more).length > 0 || !Array.isArray(linodes))
    throw new Malformed('Must hold linodes', 'devices');
  if (linodes.some((id) => !known.has(id))) throw new Refused(400, 'Invalid device', 'devices');
  return new Set(linodes);
}

function rulesOf(value: unknown): FirewallRules {
  const { inbound = [], outbound = [], inbound_policy, outbound_policy, ...more } = record(value, 'rules');
  if (Object.keys(more).length > 0) throw new Malformed(`unknown ${Object.keys(more).join(', ')}`, 'rules');
  const policy = (given: unknown, field: string): string => {
    if (given === 'ACCEPT' || given === 'DROP') return given;
    throw new Malformed('Must be ACCEPT or DROP', field);
  };
  if (!Array.isArray(inbound) || !Array.isArray(outbound)) throw new Malformed('Must be lists', 'rules');
  const rules: FirewallRules = {
    inbound: inbound.map((rule, at) => ruleOf(rule, `rules.inbound[${at}]`)),
    inbound_policy: policy(inbound_policy, 'rules.inbound_policy'),
    outbound: outbound.map((rule, at) => ruleOf(rule, `rules.outbound[${at}]`)),
    outbound_policy: policy(outbound_policy, 'rules.outbound_policy'),
  };
  const count = [...rules.inbound, ...rules.outbound].length;
  if (count > 25) throw new Refused(400, 'A firewall may have up to 25 rules', 'rules');
  return rules;
}

function ruleOf(value: unknown, field: string): FirewallRule {
  const { action, protocol, ports, addresses, label, description, ...more } = record(value, field);
  if (Object.keys(more).length > 0) throw new Malformed(`unknown ${Object.keys(more).join(', ')}`, field);
  if (action !== 'ACCEPT' && action !== 'DROP')
    throw new Malformed('Must be ACCEPT or DROP', `${field}.action`);
  if (!['TCP', 'UDP', 'ICMP', 'IPENCAP'].includes(String(protocol)))
    throw new Malformed('Unknown', `${field}.protocol`);
  if (ports !== undefined && !/^\d+(-\d+)?(, ?\d+(-\d+)?)*$/.test(String(ports))) {
    throw new Malformed('Must be ports', `${field}.ports`);
  }
  if (ports !== undefined && protocol === 'ICMP') throw new Malformed('ICMP has no ports', `${field}.ports`);
  if (label !== undefined && !/^.{3,32}$/.test(String(label)))
    throw new Malformed('3-32 characters', `${field}.label`);
  if (description !== undefined && !/^.{1,100}$/.test(String(description))) {
    throw new Malformed('1-100 characters', `${field}.description`);
  }
  const { ipv4, ipv6, ...others } = record(addresses, `${field}.addresses`);
  if (Object.keys(others).length > 0) throw new Malformed('Must hold ipv4 and ipv6', `${field}.addresses`);
  return {
    action,
    protocol: String(protocol),
    ...(ports === undefined ? {} : { ports: String(ports) }),
    addresses: {
      ...(ipv4 === undefined ? {} : { ipv4: networks(ipv4, 4, `${field}.addresses.ipv4`) }),
      ...(ipv6 === undefined ? {} : { ipv6: networks(ipv6, 6, `${field}.addresses.ipv6`) }),
    },
    ...(label === undefined ? {} : { label: String(label) }),
    ...(description === undefined ? {} : { description: String(description) }),
  };
}

/** Addresses with the length of their prefix; the real one takes 255 of them in a rule. */
function networks(value: unknown, family: 4 | 6, field: string): string[] {
  const list = texts(value, field);
  if (list.length === 0 || list.length > 255) throw new Malformed('Must hold 1-255 addresses', field);
  for (const network of list) {
    const [address = '', prefix = ''] = network.split('/');
    const isLength = /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
    if (isIP(address) !== family || !isLength) throw new Malformed(`${network} is no network`, field);
  }
  return list;
}
