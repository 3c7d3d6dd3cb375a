import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import { defaultTypes } from './choose-place.ts';
import { parseLabel } from './labels.ts';
import { type Networks, parseNetworks } from './networks.ts';
import { parseTimeToLive } from './time-to-live.ts';

export const gpuOperations = ['ensure', 'status', 'delete', 'reap'] as const;
export type GpuOperation = (typeof gpuOperations)[number];
export const waitGoals = ['running', 'services'] as const;
export type WaitGoal = (typeof waitGoals)[number];
export const failurePolicies = ['keep', 'delete'] as const;
export type FailurePolicy = (typeof failurePolicies)[number];

export const defaultImage = 'linode/ubuntu24.04';
/** Drivers, images and some 15 GB of a model. */
export const defaultTimeoutMs = 45 * 60_000;

/** As somebody gave it; undefined or empty is not given. */
export interface GivenGpuSettings {
  readonly label: string | undefined;
  readonly types: readonly string[] | undefined;
  readonly regions: readonly string[] | undefined;
  readonly image: string | undefined;
  readonly stackScript: string | undefined;
  readonly stackScriptData: ReadonlyMap<string, string>;
  /** Public keys, or names of files with such. */
  readonly authorizedKeys: readonly string[];
  readonly firewall: readonly string[] | undefined;
  readonly tags: readonly string[] | undefined;
  readonly ttl: string | undefined;
  readonly maxHourlyCost: string | undefined;
  readonly waitFor: WaitGoal | undefined;
  readonly timeoutMs: number;
  readonly onFailure: FailurePolicy;
}

/** What an instance is to be, and what is to happen until it is. */
export interface GpuSettings {
  readonly label: string;
  readonly types: readonly string[];
  readonly regions: readonly string[] | undefined;
  readonly image: string;
  /** A file of the checkout, or the id of one that is at Linode already. */
  readonly stackScript: { readonly file: string } | { readonly id: number } | undefined;
  readonly stackScriptData: ReadonlyMap<string, string>;
  readonly authorizedKeys: readonly string[];
  /** Who may reach the instance; `caller`: also this machine, whatever its address is. */
  readonly firewall: { readonly networks: Networks; readonly caller: boolean };
  readonly tags: readonly string[];
  readonly ttlMs: number | undefined;
  readonly maxHourlyCost: number | undefined;
  readonly waitFor: WaitGoal;
  readonly timeoutMs: number;
  readonly onFailure: FailurePolicy;
}

/** @throws LaunchError CONFIG_INVALID; `what` names an input for people */
export function readGpuSettings(given: GivenGpuSettings, what: (input: string) => string): GpuSettings {
  const { stackScript, stackScriptData, image = defaultImage } = given;
  const script =
    stackScript === undefined
      ? undefined
      : /^\d{1,12}$/.test(stackScript)
        ? { id: Number(stackScript) }
        : { file: stackScript };
  if (script === undefined && stackScriptData.size > 0) {
    throw new LaunchError('CONFIG_INVALID', `${what('stackscript-data')} is given without a StackScript.`, {
      remedy: `Name the StackScript, too: ${what('stackscript')}.`,
    });
  }
  if (script !== undefined && image.startsWith('private/')) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `${what('image')} is a private one, which takes no StackScript.`,
      {
        remedy: `Take an image of Linode's such as ${defaultImage}, or leave the StackScript out.`,
      },
    );
  }
  return {
    label: parseLabel(given.label ?? '', what('label')),
    types: names(given.types, what('types')) ?? defaultTypes,
    regions: names(given.regions, what('regions')),
    image: matching(
      image,
      /^(linode|private)\/[\w.-]{1,60}$/,
      what('image'),
      `an image such as ${defaultImage}`,
    ),
    stackScript: script,
    stackScriptData,
    authorizedKeys: given.authorizedKeys,
    firewall: readFirewall(given.firewall, what('firewall')),
    tags: (given.tags ?? []).map((tag) => parseTag(tag, what('tags'))),
    ttlMs: given.ttl === undefined ? undefined : readTtl(given.ttl, what('ttl')),
    maxHourlyCost:
      given.maxHourlyCost === undefined
        ? undefined
        : Number(
            matching(
              given.maxHourlyCost,
              /^\d{1,4}(\.\d{1,4})?$/,
              what('max-hourly-cost'),
              'US dollars an hour, such as 0.75',
            ),
          ),
    waitFor: given.waitFor ?? (script === undefined ? 'running' : 'services'),
    timeoutMs: given.timeoutMs,
    onFailure: given.onFailure,
  };
}

/** In the list of addresses it stands for the one of this machine. */
const caller = 'caller';

function readFirewall(given: readonly string[] | undefined, what: string): GpuSettings['firewall'] {
  if (given === undefined || given.length === 0) return { networks: { ipv4: [], ipv6: [] }, caller: true };
  const named = given.filter((item) => item !== caller);
  return { networks: parseNetworks(named, what), caller: named.length < given.length };
}

function readTtl(text: string, what: string): number {
  const ms = parseTimeToLive(text);
  if (ms !== undefined) return ms;
  throw new LaunchError('CONFIG_INVALID', `${what} is "${printable(text, 40)}".`, {
    remedy: 'It takes a time such as 90m, 4h or 3d, at most 90d.',
  });
}

function names(given: readonly string[] | undefined, what: string): readonly string[] | undefined {
  if (given === undefined || given.length === 0) return undefined;
  return given.map((name) => matching(name, /^[a-z0-9][a-z0-9.-]{1,60}$/, what, 'names as Linode has them'));
}

/** Those that Launch reads are its own to set. */
function parseTag(tag: string, what: string): string {
  const isOwn = tag === 'launch' || tag.startsWith('launch-');
  if (!isOwn && tag.length >= 3 && tag.length <= 50 && !/[\u0000-\u001f\u007f,]/.test(tag)) return tag;
  throw new LaunchError('CONFIG_INVALID', `${what} names "${printable(tag, 60)}".`, {
    remedy: 'It takes texts of 3 to 50 characters; those that begin with "launch-" are set by Launch itself.',
  });
}

function matching(text: string, pattern: RegExp, what: string, accepted: string): string {
  if (pattern.test(text)) return text;
  throw new LaunchError('CONFIG_INVALID', `${what} is "${printable(text, 80)}".`, {
    remedy: `It takes ${accepted}.`,
  });
}
