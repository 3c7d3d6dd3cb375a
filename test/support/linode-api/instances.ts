// Instances: labels are unique, a create takes its time, and a deleted one is still listed for a moment.
import type { AccountState } from './account.ts';
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
  text,
  texts,
} from './envelope.ts';
import type { FirewallsState } from './firewalls.ts';
import { assertOffered, type OffersState } from './offers.ts';
import { assertDeployable, type StackScriptsState } from './stackscripts.ts';

export interface FakeInstance {
  readonly id: number;
  label: string;
  status: 'provisioning' | 'booting' | 'running' | 'offline' | 'deleting';
  readonly type: string;
  readonly region: string;
  readonly image: string | null;
  readonly ipv4: readonly string[];
  readonly ipv6: string | null;
  tags: readonly string[];
  /** As the API writes it. */
  created: string;
  updated: string;
  /** What it was made with. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Milliseconds of `Date.now()`; from then on it boots. */
  madeAt: number;
  deletedAt: number | undefined;
  /** The event that fails, instead of the one that would have finished. */
  fails: 'linode_create' | 'linode_boot' | undefined;
}

export interface InstancesState {
  readonly instances: Map<number, FakeInstance>;
  /** How many were ever made. */
  made: number;
  /** From the create to `running`, in milliseconds. */
  bootMs: number;
  /** For how long a deleted one is still listed, in milliseconds. */
  deleteMs: number;
  /** Of the next instance. */
  failNext: FakeInstance['fails'];
  add(part: Partial<FakeInstance> & Pick<FakeInstance, 'label'>): FakeInstance;
  /** Brings each instance to where it is by now. */
  settle(): void;
}

export interface InstanceSurroundings {
  readonly account: AccountState;
  readonly offers: OffersState;
  readonly firewalls: FirewallsState;
  readonly stackscripts: StackScriptsState;
}

export interface InstanceOptions {
  readonly bootMs?: number | undefined;
  readonly deleteMs?: number | undefined;
  /** Of every instance; default an address of the loopback network of its own. */
  readonly address?: string | undefined;
}

export function instancesState(
  { account, firewalls }: InstanceSurroundings,
  options: InstanceOptions,
): InstancesState {
  const instances = new Map<number, FakeInstance>();
  let next = 40_000_001;
  const note = (instance: FakeInstance, action: string, status: 'started' | 'finished' | 'failed') =>
    account.note({
      action,
      status,
      entity: {
        id: instance.id,
        label: instance.label,
        type: 'linode',
        url: `/v4/linode/instances/${instance.id}`,
      },
    });
  const boot = (instance: FakeInstance, ageMs: number): void => {
    if (instance.status === 'provisioning' && ageMs >= state.bootMs / 3) {
      if (instance.fails === 'linode_create') {
        instance.status = 'offline';
        note(instance, 'linode_create', 'failed');
        return;
      }
      note(instance, 'linode_create', 'finished');
      note(instance, 'linode_boot', 'started');
      instance.status = 'booting';
    }
    if (instance.status === 'booting' && ageMs >= state.bootMs) {
      const failed = instance.fails === 'linode_boot';
      instance.status = failed ? 'offline' : 'running';
      note(instance, 'linode_boot', failed ? 'failed' : 'finished');
    }
  };
  const state: InstancesState = {
    instances,
    made: 0,
    bootMs: options.bootMs ?? 30,
    deleteMs: options.deleteMs ?? 10,
    failNext: undefined,
    add(part) {
      const now = Date.now();
      const made: FakeInstance = {
        id: next,
        status: 'provisioning',
        type: 'g2-gpu-rtx4000a1-s',
        region: 'us-ord',
        image: 'linode/ubuntu24.04',
        ipv6: null,
        tags: [],
        created: stamp(now),
        updated: stamp(now),
        ipv4: [options.address ?? nextAddress()],
        ...{ body: {}, madeAt: now, deletedAt: undefined, fails: state.failNext },
        ...part,
      };
      next += 1;
      state.made += 1;
      state.failNext = undefined;
      instances.set(made.id, made);
      if (made.status === 'provisioning') note(made, 'linode_create', 'started');
      return made;
    },
    settle() {
      const now = Date.now();
      for (const instance of instances.values()) {
        if (instance.deletedAt === undefined) boot(instance, now - instance.madeAt);
        else if (now - instance.deletedAt >= state.deleteMs) {
          instances.delete(instance.id);
          for (const { linodes } of firewalls.firewalls.values()) linodes.delete(instance.id);
          note(instance, 'linode_delete', 'finished');
        }
      }
    },
  };
  return state;
}

let addresses = 0;

/** Of the loopback network, and of this process alone: others may serve at theirs at the same time. */
function nextAddress(): string {
  addresses += 1;
  const { pid } = process;
  return `127.${20 + (pid % 200)}.${Math.floor(pid / 200) % 250}.${(addresses % 250) + 1}`;
}

const createFields = [
  'type',
  'region',
  'label',
  'image',
  'root_pass',
  'authorized_keys',
  'authorized_users',
  'booted',
  'stackscript_id',
  'stackscript_data',
  'tags',
  'firewall_id',
  'swap_size',
  'interface_generation',
];

export function instanceRoutes(state: InstancesState, around: InstanceSurroundings): Routes {
  const { instances } = state;
  const find = ({ params }: LinodeRequest): FakeInstance => {
    state.settle();
    const found = instances.get(Number(params['id']));
    if (found === undefined) throw new Refused(404, 'Not found');
    return found;
  };
  return {
    'GET /linode/instances': (request) => {
      state.settle();
      return page([...instances.values()].map(shown), request, ['label', 'tags', 'region', 'type', 'id']);
    },
    'POST /linode/instances': (request) => {
      state.settle();
      const given = fields(request, createFields);
      const wanted = readCreate(given, around);
      assertUnique(instances, wanted.label);
      const made = state.add({ ...wanted, body: given });
      if (typeof given['firewall_id'] === 'number') {
        around.firewalls.firewalls.get(given['firewall_id'])?.linodes.add(made.id);
      }
      return ok(shown(made));
    },
    'GET /linode/instances/:id': (request) => ok(shown(find(request))),
    'PUT /linode/instances/:id': (request) => {
      const found = find(request);
      const given = fields(request, ['label', 'tags', 'group', 'watchdog_enabled']);
      if (found.deletedAt !== undefined) throw new Refused(400, 'Linode busy.');
      if (given['label'] !== undefined) {
        const label = labelOf(given['label'], 64);
        if (label !== found.label) assertUnique(instances, label);
        found.label = label;
      }
      if (given['tags'] !== undefined) found.tags = tagsOf(given['tags'], around.account);
      found.updated = stamp(Date.now());
      return ok(shown(found));
    },
    'POST /linode/instances/:id/boot': (request) => {
      const found = find(request);
      if (found.status !== 'offline') throw new Refused(400, 'Linode busy.');
      found.status = 'booting';
      found.madeAt = Date.now() - state.bootMs / 2;
      found.fails = undefined;
      around.account.note({
        action: 'linode_boot',
        status: 'started',
        entity: { id: found.id, label: found.label, type: 'linode', url: `/v4/linode/instances/${found.id}` },
      });
      return ok({});
    },
    'DELETE /linode/instances/:id': (request) => {
      const found = find(request);
      found.deletedAt ??= Date.now();
      found.status = 'deleting';
      return ok({});
    },
  };
}

function shown(instance: FakeInstance) {
  const { body: _, madeAt: _at, deletedAt: _deleted, fails: _fails, ...rest } = instance;
  return { ...rest, group: '', hypervisor: 'kvm', watchdog_enabled: true };
}

function readCreate(
  given: Record<string, unknown>,
  { account, offers, firewalls, stackscripts }: InstanceSurroundings,
) {
  const type = text(given['type'], 'type');
  const region = text(given['region'], 'region');
  // Else the API makes a label up, and nobody finds the instance again when the answer is lost.
  const label = labelOf(given['label'], 64);
  const image = text(given['image'], 'image');
  if (!/^(linode|private)\/[\w.-]+$/.test(image)) throw new Refused(400, 'image is not valid', 'image');
  assertPassword(given['root_pass']);
  for (const key of texts(given['authorized_keys'] ?? [], 'authorized_keys')) {
    if (/^(ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/]+={0,3}( [^\n]*)?$/.test(key)) continue;
    throw new Refused(400, 'SSH Key must start with a known type and hold no line end', 'authorized_keys');
  }
  const tags = given['tags'] === undefined ? [] : tagsOf(given['tags'], account);
  if (given['firewall_id'] !== undefined) {
    const found = firewalls.firewalls.get(Number(given['firewall_id']));
    if (found === undefined) throw new Refused(400, 'firewall_id is not valid', 'firewall_id');
    // With Linode Interfaces the firewall is given for each of them, and this field is refused.
    if (given['interface_generation'] !== 'legacy_config') {
      throw new Malformed('firewall_id goes with interface_generation legacy_config', 'firewall_id');
    }
  }
  if (given['stackscript_id'] !== undefined) {
    if (image.startsWith('private/'))
      throw new Refused(400, 'A private image takes no stackscript', 'stackscript_id');
    const data = record(given['stackscript_data'] ?? {}, 'stackscript_data');
    if (JSON.stringify(data).length > 65_535) throw new Refused(400, 'Too long', 'stackscript_data');
    assertDeployable(stackscripts, given['stackscript_id'], image, data);
  } else if (given['stackscript_data'] !== undefined) {
    throw new Malformed('stackscript_data without stackscript_id', 'stackscript_data');
  }
  assertOffered(offers, type, region);
  return { type, region, label, image, tags };
}

function assertPassword(value: unknown): void {
  const password = text(value, 'root_pass');
  if (password.length < 11 || password.length > 128)
    throw new Refused(400, 'Length must be 11-128', 'root_pass');
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password)).length;
  if (kinds < 3) throw new Refused(400, 'Password does not meet strength requirement', 'root_pass');
}

function tagsOf(value: unknown, { profile }: AccountState): string[] {
  const tags = texts(value, 'tags');
  if (profile.restricted)
    throw new Refused(403, 'Unauthorized: only unrestricted users may change tags', 'tags');
  for (const tag of tags) {
    if (tag.length < 3 || tag.length > 50) throw new Refused(400, 'Length must be 3-50 characters', 'tags');
  }
  return tags;
}

function assertUnique(instances: ReadonlyMap<number, FakeInstance>, label: string): void {
  if ([...instances.values()].some((it) => it.label === label)) {
    throw new Refused(400, 'Label must be unique among your linodes', 'label');
  }
}
