import * as z from 'zod/mini';
import { printable } from '../names.ts';
import { type ComposeModel, imageOf } from './compose-model.ts';
import type { FoundContainer } from './found-container.ts';

/** What of a service's compose file is compared with its container; compose knows more of it. */
const compared = z.looseObject({
  environment: z.optional(
    z.nullable(z.record(z.string(), z.nullable(z.union([z.string(), z.number(), z.boolean()])))),
  ),
  command: z.optional(z.nullable(z.array(z.string()))),
  restart: z.optional(z.string()),
  ports: z.optional(
    z.array(
      z.looseObject({
        target: z.optional(z.number()),
        published: z.optional(z.union([z.string(), z.number()])),
        host_ip: z.optional(z.string()),
        protocol: z.optional(z.string()),
      }),
    ),
  ),
  networks: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  network_mode: z.optional(z.string()),
});

export interface ImageNow {
  /** Undefined where it is not on this host. */
  readonly id: string | undefined;
  /** What the image itself sets. */
  readonly env: ReadonlyMap<string, string>;
}

/**
 * Why compose would make a container anew, one sentence for each reason; what it does not say is told in general.
 * Values are never shown: they may be secret.
 */
export function differencesOf(container: FoundContainer, model: ComposeModel, image: ImageNow): string[] {
  const { name, service } = container;
  const parsed = z.safeParse(compared, model.services[service]);
  const wanted = parsed.success ? parsed.data : {};
  const reasons = [
    ...imageReasons(container, imageOf(model, service), image),
    ...envReasons(container, wanted.environment ?? {}, image),
    ...(isOther(wanted.command, container.command) ? ['runs another command'] : []),
    ...((wanted.restart ?? container.restart) === container.restart
      ? []
      : [
          `has the restart policy "${printable(container.restart)}", not "${printable(wanted.restart ?? '')}"`,
        ]),
    ...setReason('publishes', container.ports, (wanted.ports ?? []).flatMap(portOf)),
    ...(wanted.network_mode === undefined
      ? setReason('is in the networks', container.networks, networksOf(model, wanted.networks ?? undefined))
      : []),
    ...setReason('mounts', targetsOf(container), wantedTargets(model, service)),
  ];
  if (reasons.length > 0) return reasons.map((it) => `${name} ${it}`);
  const by =
    container.composeVersion === '' ? 'compose' : `compose ${printable(container.composeVersion, 40)}`;
  return [`${name} is not what compose makes of the folder now; it was made by ${by}`];
}

function imageReasons(container: FoundContainer, name: string, image: ImageNow): string[] {
  if (container.image !== name && container.image !== container.imageId) {
    return [`runs ${printable(container.image)}, not ${printable(name)}`];
  }
  if (image.id === undefined)
    return [`runs an image that ${printable(name)} does not stand for here any more`];
  return image.id === container.imageId ? [] : [`runs another image than ${printable(name)} is now`];
}

function envReasons(
  container: FoundContainer,
  wanted: Readonly<Record<string, string | number | boolean | null>>,
  image: ImageNow,
): string[] {
  const set = Object.entries(wanted).filter(([, value]) => value !== null);
  const other = set.filter(([name, value]) => container.env.get(name) !== String(value));
  const known = new Set(set.map(([name]) => name));
  const more = [...container.env]
    .filter(([name, value]) => !known.has(name) && image.id !== undefined && image.env.get(name) !== value)
    .map(([name]) => name);
  const names = (list: readonly string[]) =>
    list
      .slice(0, 10)
      .map((it) => printable(it, 60))
      .join(', ');
  return [
    ...(other.length === 0 ? [] : [`has other values of ${names(other.map(([name]) => name))}`]),
    ...(more.length === 0 ? [] : [`has variables of its own: ${names(more)}`]),
  ];
}

/** A command that the file does not give is the image's. */
function isOther(wanted: readonly string[] | null | undefined, found: readonly string[] | null): boolean {
  return wanted !== null && wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(found ?? []);
}

function setReason(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  const list = (all: readonly string[]) =>
    all.length === 0 ? 'nothing' : printable([...all].sort().join(', '), 300);
  return list(found) === list(wanted) ? [] : [`${what} ${list(found)}, not ${list(wanted)}`];
}

/** One that the engine chooses can't be compared. */
function portOf(port: {
  target?: number | undefined;
  published?: string | number | undefined;
  host_ip?: string | undefined;
  protocol?: string | undefined;
}): string[] {
  const { target, published = '', host_ip: ip = '', protocol = 'tcp' } = port;
  if (target === undefined) return [];
  return [`${ip === '' ? '' : `${ip}:`}${published}->${target}/${protocol}`];
}

function networksOf(model: ComposeModel, wanted: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.keys(wanted ?? {}).map((it) => model.networks?.[it]?.name ?? `${model.name}_${it}`);
}

function targetsOf({ mounts }: FoundContainer): string[] {
  const isNamed = (name: string | undefined) => !/^[0-9a-f]{64}$/.test(name ?? '');
  const kept = mounts.filter(({ name, type }) => isNamed(name) && type !== 'tmpfs');
  return [...new Set(kept.map(({ target }) => trimmed(target)))];
}

function wantedTargets(model: ComposeModel, service: string): string[] {
  const { volumes = [], configs = [], secrets = [] } = model.services[service] ?? {};
  return [
    ...new Set([
      ...volumes.flatMap(({ type, target }) =>
        type === 'tmpfs' || target === undefined ? [] : [trimmed(target)],
      ),
      ...configs.map(({ source = '', target = `/${source}` }) => target),
      ...secrets.map(({ source = '', target = source }) =>
        target.startsWith('/') ? target : `/run/secrets/${target}`,
      ),
    ]),
  ];
}

function trimmed(target: string): string {
  return target.replace(/(.)\/+$/, '$1');
}
