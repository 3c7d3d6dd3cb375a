import type { WorkerSettings } from '../cloudflare/wrangler-config.ts';
import { formatPlace } from '../errors.ts';
import { printable } from '../names.ts';
import { nearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { atKey, deploymentsOf, environmentNoun, type WorkerSource } from './worker-source.ts';

/** A worker as one environment deploys it. */
interface Deployed {
  readonly worker: WorkerSource;
  readonly settings: WorkerSettings;
}

/** What does not fit together between the workers of a repository, each at a line of a `selected` one. */
export function workerClashes(workers: readonly WorkerSource[], selected: ReadonlySet<string>): Problem[] {
  const all = workers.flatMap((worker) => deploymentsOf(worker).map((settings) => ({ worker, settings })));
  const mine = all.filter(({ worker }) => selected.has(worker.service.name));
  return [
    ...takenNames(all, selected),
    ...disagreements(all, selected),
    ...mine.flatMap((it) => unknownServices(it, all)),
    ...mine.flatMap((it) => otherEnvironments(it, all)),
  ];
}

/** Accounts are apart; where none is written, it is one and the same. */
function account({ settings }: Deployed): string {
  return settings.accountId ?? '';
}

function whereOf({ worker, settings }: Deployed): string {
  return `${environmentNoun(settings)} of ${printable(worker.config.file)}`;
}

function takenNames(all: readonly Deployed[], selected: ReadonlySet<string>): Problem[] {
  return all.flatMap((later, index) => {
    const earlier = all.slice(0, index).find((other) => {
      return (
        other.settings.name !== undefined &&
        other.settings.name === later.settings.name &&
        account(other) === account(later) &&
        !isSame(other, later)
      );
    });
    if (earlier === undefined) return [];
    const [told, other] = selected.has(later.worker.service.name) ? [later, earlier] : [earlier, later];
    if (!selected.has(told.worker.service.name)) return [];
    const { environment, name } = told.settings;
    return [
      atKey(told.worker, environment === undefined ? ['name'] : ['env', environment], 'worker-name-taken', {
        message: `"${printable(name ?? '', 80)}" is also the name of ${whereOf(other)}.`,
        remedy: 'Give one of them another `name`.',
      }),
    ];
  });
}

/** The top and an environment of one file may say the same twice. */
function isSame(one: Deployed, other: Deployed): boolean {
  if (one.worker !== other.worker) return false;
  const said = ({ settings }: Deployed) =>
    JSON.stringify({ ...settings, environment: undefined }, (key, value) =>
      key === 'path' ? undefined : value,
    );
  return said(one) === said(other);
}

/** Something that two workers may share: what it is called, and what that means. */
interface Claim {
  readonly deployed: Deployed;
  readonly subject: string;
  readonly value: string;
  readonly path: readonly PropertyKey[];
}

function claimsOf(deployed: Deployed): Claim[] {
  const { d1, rateLimits } = deployed.settings;
  const databases = d1.flatMap(({ database_name: name, database_id: id, path }) =>
    name === undefined || !id
      ? []
      : [
          {
            deployed,
            subject: `the id of the database "${name}"`,
            value: id,
            path: [...path, 'database_id'],
          },
          {
            deployed,
            subject: `the name of the database ${id}`,
            value: `"${name}"`,
            path: [...path, 'database_name'],
          },
        ],
  );
  const limits = rateLimits.flatMap(({ namespace_id: id, simple, path }) =>
    simple === undefined
      ? []
      : [
          {
            deployed,
            subject: `the limit of the namespace ${id}`,
            value: `${simple.limit} in ${simple.period} s`,
            path: [...path, 'simple'],
          },
        ],
  );
  return [...databases, ...limits];
}

function disagreements(all: readonly Deployed[], selected: ReadonlySet<string>): Problem[] {
  const first = new Map<string, Claim>();
  return all.flatMap(claimsOf).flatMap((claim) => {
    const key = `${account(claim.deployed)} ${claim.subject}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, claim);
    if (before === undefined || before.value === claim.value) return [];
    const isMine = selected.has(claim.deployed.worker.service.name);
    const [told, other] = isMine ? [claim, before] : [before, claim];
    const { worker } = told.deployed;
    if (!selected.has(worker.service.name)) return [];
    const place = formatPlace(other.deployed.worker.config.placeOf(other.path));
    return [
      atKey(worker, told.path, 'worker-bindings-disagree', {
        message: `Here ${printable(told.subject)} is ${printable(told.value, 80)}, and ${printable(other.value, 80)} in ${whereOf(other.deployed)} (${printable(place)}).`,
        remedy: 'Write the same in both; ids are best left out, then Launch finds them by the name.',
      }),
    ];
  });
}

interface Lead {
  readonly to: string;
  readonly path: readonly PropertyKey[];
}

/** The workers that one is bound to, other than itself. */
function leadsOf({ name, services, durableObjects }: WorkerSettings): Lead[] {
  const inEnvironment = (to: string, environment?: string) =>
    environment === undefined ? to : `${to}-${environment}`;
  return [
    ...services.map(({ service, environment, path }) => ({
      to: inEnvironment(service, environment),
      path: [...path, 'service'],
    })),
    ...durableObjects.flatMap(({ script_name: script, environment, path }) =>
      script === undefined
        ? []
        : [{ to: inEnvironment(script, environment), path: [...path, 'script_name'] }],
    ),
  ].filter(({ to }) => to !== name);
}

function unknownServices({ worker, settings }: Deployed, all: readonly Deployed[]): Problem[] {
  const names = all.flatMap((it) => it.settings.name ?? []);
  const bases = all.flatMap((it) => it.worker.config.settings.name ?? []);
  return leadsOf(settings)
    .filter(({ to }) => !names.includes(to))
    .map(({ to, path }) => {
      const guess = nearest(to, names);
      const isAlike = guess !== undefined || bases.some((base) => to === base || to.startsWith(`${base}-`));
      return atKey(worker, path, 'worker-service-unknown', {
        severity: isAlike ? 'error' : 'warning',
        message: `No worker of this repository is deployed as "${printable(to, 80)}".`,
        remedy: isAlike
          ? `${guess === undefined ? '' : `Did you mean "${guess}"? `}Here are deployed: ${[...new Set(names)].sort().join(', ')}.`
          : 'Make sure that the account has it from elsewhere.',
      });
    });
}

function otherEnvironments({ worker, settings }: Deployed, all: readonly Deployed[]): Problem[] {
  if (settings.environment === undefined) return [];
  return leadsOf(settings).flatMap(({ to, path }) => {
    const target = all.find((it) => it.settings.name === to);
    const theirs = target?.settings.environment;
    const own = all.find(
      (it) => it.worker === target?.worker && it.settings.environment === settings.environment,
    );
    if (target === undefined || own === undefined || own === target) return [];
    return [
      atKey(worker, path, 'worker-service-environment', {
        severity: 'warning',
        message: `env.${printable(settings.environment ?? '', 80)} is bound to "${printable(to, 80)}", which is ${theirs === undefined ? 'the top' : `env.${printable(theirs, 80)}`} of its worker.`,
        remedy: `Bind it to "${printable(own.settings.name ?? '', 80)}".`,
      }),
    ];
  });
}
