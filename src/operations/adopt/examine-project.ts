import { join } from 'node:path';
import type { ComposeRun } from '../../adapters/engine/compose.ts';
import type { Containers, InspectedContainer } from '../../adapters/engine/containers.ts';
import type { Images } from '../../adapters/engine/images.ts';
import { assertLinkable } from '../../adapters/state/data-links.ts';
import { type Adopted, isLeftAlone } from '../../core/deploy/adopted.ts';
import { imageOf } from '../../core/deploy/compose-model.ts';
import type { FoundContainer } from '../../core/deploy/found-container.ts';
import { assertTakeable, type OwnershipContext } from '../../core/deploy/ownership.ts';
import { type MountPairs, mergeDataLinks, pairMounts } from '../../core/deploy/pair-mounts.ts';
import type { DataLink, Release } from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { differencesOf, type ImageNow } from '../../core/deploy/takeover-differences.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { labelOf } from '../deploy/compose/container-labels.ts';
import { type LaidOut, readProject } from '../deploy/compose/lay-out.ts';
import { launchLabel } from '../deploy/compose/leave-adopted.ts';
import { readAdditions, rehearseUp, startPinned } from '../deploy/compose/pinned.ts';
import { inspectProject } from '../deploy/compose/project-containers.ts';
import type { Deployment } from '../deploy/deployment.ts';
import type { Draft } from '../deploy/driver.ts';
import { type ContentFindings, compareMounts } from './compare-mounts.ts';
import { dataBeside } from './data-beside.ts';
import { asFound, variables } from './found-containers.ts';

export interface Host {
  readonly containers: Containers;
  readonly images: Images;
  readonly compose: ComposeRun;
  /** The service's state folder. */
  readonly state: string;
}

/** A project that runs, held against the commit. */
export interface Examined {
  readonly laidOut: LaidOut;
  readonly containers: readonly FoundContainer[];
  /** Services that the next deployment of this commit leaves as they are. */
  readonly adopted: Adopted;
  /** Data that stays where it is. */
  readonly data: readonly DataLink[];
  /** In what way that which runs is not what the commit says, one sentence each. */
  readonly differs: readonly string[];
}

/**
 * Holds what runs of a project against what the commit says of it. Nothing is changed but the draft.
 *
 * @throws LaunchError CONFIG_INVALID where the project can't be taken over, or data would be lost from view
 */
export async function examineProject(
  deployment: Deployment,
  draft: Draft,
  current: Release | undefined,
  host: Host,
): Promise<Examined> {
  const { containers, state, compose } = host;
  const laidOut = await readProject(deployment, draft, state, compose);
  const inspected = await inspectProject(containers, laidOut.name);
  await assertFree(deployment, laidOut.name, inspected, current, host);
  const all = inspected.map(asFound);
  const foreign = all.filter((_, at) => isForeign(inspected[at]));
  const additions = await readAdditions(draft);
  const context = { model: laidOut.model, additions, state };
  const pairs = new Map(foreign.map((it) => [it, pairMounts(it, context)]));
  const contents = await compareMounts(pairs, laidOut.mounts, join(draft.path, layout.snapshot));
  const data = await findData(pairs, contents, await dataBeside(all, context, deployment.folder), host);
  const candidates = candidatesOf(all, pairs, contents);
  const images = await imagesNow(laidOut, host.images);
  const isHere = (service: string) => images.get(service)?.id !== undefined;
  const present = [...new Set(all.map(({ service }) => service))].filter(isHere);
  await startPinned(draft, additions, candidates);
  const actions = await rehearseUp(laidOut.project, present, compose);
  // What a return to this release goes by is the release as the commit says it.
  await startPinned(draft, additions, {});
  const changed = all.filter((it) => images.has(it.service) && !isLeftAlone(actions?.get(it.name)));
  const isLeft = (service: string) =>
    images.has(service) && !changed.some((container) => container.service === service);
  return {
    laidOut,
    containers: all,
    data,
    adopted: Object.fromEntries(Object.entries(candidates).filter(([service]) => isLeft(service))),
    differs: [
      ...missingServices(laidOut, all),
      ...changed.flatMap((it) => reasonsOf(it, laidOut, images, contents)),
      ...all.filter(({ service }) => !images.has(service)).map(notInFolder),
    ],
  };
}

function isForeign(container: InspectedContainer | undefined): boolean {
  return container !== undefined && labelOf(container, launchLabel) === '';
}

async function assertFree(
  { owner }: Deployment,
  project: string,
  inspected: readonly InspectedContainer[],
  current: Release | undefined,
  { containers, state }: Host,
): Promise<void> {
  const listed = await containers.list([projectLabel]);
  const others = listed
    .filter(({ labels, state: is }) => is === 'running' && labels[launchLabel] === undefined)
    .map(({ labels }) => labels[projectLabel] ?? '')
    .filter((it) => it !== '' && it !== project);
  const known = new Set(current?.containers.map(({ id }) => id));
  const context: OwnershipContext = { project, owner, state, known };
  const ids = new Map(inspected.map((it) => [it.Id, it.State.Running]));
  const found = listed.flatMap((it) => {
    const running = ids.get(it.id);
    return running === undefined ? [] : [{ ...it, running }];
  });
  assertTakeable(found, { ...context, others: [...new Set(others)].sort() });
}

const projectLabel = 'com.docker.compose.project';

/** @throws LaunchError CONFIG_INVALID that lists all data which the next release would not have */
async function findData(
  pairs: ReadonlyMap<FoundContainer, MountPairs>,
  contents: ContentFindings,
  beside: readonly DataLink[],
  { state }: Host,
): Promise<readonly DataLink[]> {
  const mounted = [...pairs.values()].flatMap(({ data }) => data);
  const places = new Set(mounted.map(({ place }) => place));
  const merged = mergeDataLinks([...mounted, ...beside.filter(({ place }) => !places.has(place))]);
  const faults = [...[...pairs.values()].flatMap((it) => it.faults), ...merged.faults, ...contents.faults];
  if (faults.length > 0) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `The next deployment would not have the data that the containers have now: ${[...new Set(faults)].join('; ')}.`,
      {
        remedy:
          'Nothing has been changed. Write the mounts into the compose file as they are now, commit that, and adopt again.',
      },
    );
  }
  for (const link of merged.data) await assertLinkable(state, link);
  return merged.data;
}

/** Services whose containers mount nothing but data and what the commit holds. */
function candidatesOf(
  all: readonly FoundContainer[],
  pairs: ReadonlyMap<FoundContainer, MountPairs>,
  { differs }: ContentFindings,
): Adopted {
  const candidates: Adopted = {};
  for (const [service, own] of Map.groupBy(all, (it) => it.service)) {
    const mounts = own.map((it) => pairs.get(it)?.mounts);
    const [first] = mounts;
    const isOne = mounts.every((it) => JSON.stringify(it) === JSON.stringify(first));
    if (first === undefined || !isOne || own.some((it) => differs.has(it))) continue;
    candidates[service] = [...first];
  }
  return candidates;
}

async function imagesNow({ model }: LaidOut, images: Images): Promise<ReadonlyMap<string, ImageNow>> {
  const found = await Promise.all(
    Object.keys(model.services).map(async (service) => {
      const image = await images.find(imageOf(model, service));
      return [service, { id: image?.id, env: variables(image?.env ?? []) }] as const;
    }),
  );
  return new Map(found);
}

function reasonsOf(
  container: FoundContainer,
  { model }: LaidOut,
  images: ReadonlyMap<string, ImageNow>,
  { differs }: ContentFindings,
): string[] {
  const content = differs.get(container) ?? [];
  const image = images.get(container.service) ?? { id: undefined, env: new Map() };
  const others = differencesOf(container, model, image);
  // That content differs is reason enough; without it there must be another.
  const isGeneral = others.length === 1 && others[0]?.includes('is not what compose makes') === true;
  return content.length > 0 && isGeneral ? [...content] : [...content, ...others];
}

function missingServices({ model }: LaidOut, all: readonly FoundContainer[]): string[] {
  const there = new Set(all.map(({ service }) => service));
  return Object.keys(model.services)
    .filter((it) => !there.has(it))
    .map((it) => `${printable(it)} does not run; the folder has it`);
}

function notInFolder({ name, service }: FoundContainer): string {
  return `${name} is of the service "${printable(service)}", which the folder does not have: the next deployment removes it`;
}
