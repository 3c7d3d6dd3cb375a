import { overlap } from '../compose/address-overlap.ts';
import type { PublishedPort } from '../compose/published-ports.ts';
import { formatPlace, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';

/** A host port, with whose it is and where it will be. */
export interface PortUse extends PublishedPort {
  /** The service folder's name; `service` is the container's. */
  readonly owner: string;
  readonly file: string;
  /** The targets on which it is published; none for a service that is not deployed. */
  readonly targets: readonly string[];
  /** Containers with profiles need not run together. */
  readonly optional: boolean;
}

/**
 * Every pair of ports that can't be had on one host, once, at the line of a `selected` service. A whole range
 * that clashes is told once.
 */
export function portClashes(uses: readonly PortUse[], selected: ReadonlySet<string>): Problem[] {
  const found = new Map<string, Problem>();
  for (const group of byPort(uses)) {
    for (const [index, one] of group.entries()) {
      for (const other of group.slice(index + 1)) {
        const clash = clashOf(one, other, selected);
        if (clash !== undefined && !found.has(clash.key)) found.set(clash.key, clash.problem);
      }
    }
  }
  return [...found.values()];
}

function byPort(uses: readonly PortUse[]): PortUse[][] {
  const groups = new Map<string, PortUse[]>();
  for (const use of uses) {
    const key = `${use.port}/${use.protocol}`;
    const group = groups.get(key) ?? [];
    group.push(use);
    groups.set(key, group);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function clashOf(
  one: PortUse,
  other: PortUse,
  selected: ReadonlySet<string>,
): { key: string; problem: Problem } | undefined {
  if (!overlap(one.address, other.address)) return undefined;
  const shared = one.targets.filter((target) => other.targets.includes(target));
  const same = one.owner === other.owner;
  // A service may publish something else on each of its targets; on none it clashes with itself alone.
  const apart = shared.length === 0 && (!same || (one.targets.length > 0 && other.targets.length > 0));
  if (apart || (same && (one.optional || other.optional))) return undefined;
  if (same && one.service === other.service && one.line === other.line && one.column === other.column)
    return undefined;
  const [mine, theirs] = selected.has(other.owner) ? [other, one] : [one, other];
  if (!selected.has(mine.owner)) return undefined;
  const place: Place = { file: mine.file, line: mine.line, column: mine.column };
  const elsewhere = formatPlace({ file: theirs.file, line: theirs.line });
  const by = same ? `the container "${printable(theirs.service)}"` : `the service "${theirs.owner}"`;
  const on = same ? '' : ` on ${shared.join(', ')}`;
  return {
    key: JSON.stringify([mine.file, mine.line, mine.column, theirs.file, theirs.line, theirs.column]),
    problem: {
      rule: 'duplicate-port',
      severity: 'error',
      message: `The host port ${addressed(mine)}${mine.port}/${mine.protocol} of "${printable(mine.service)}" is also published by ${by}${on} (${printable(elsewhere)}).`,
      remedy: 'Publish another host port, or bind each to another address.',
      place,
      service: mine.owner,
    },
  };
}

function addressed({ address }: PortUse): string {
  return address === undefined ? '' : `${address}:`;
}
