import { join } from 'node:path';
import { openEngine } from '../../adapters/engine/api.ts';
import { findEndpoint } from '../../adapters/engine/endpoint.ts';
import { imagesOf } from '../../adapters/engine/images.ts';
import { openServiceState, type ServiceState } from '../../adapters/state/service-state.ts';
import { hostKey } from '../../adapters/state/state-root.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import type { Release } from '../../core/deploy/release.ts';
import { imageDiffs } from '../../core/diff/image-diffs.ts';
import { diffNames } from '../../core/diff/name-diff.ts';
import type { ServiceDiff } from '../../core/diff/service-diff.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { findSecret } from '../../core/secrets/choose-secrets.ts';
import { sealOf } from '../../core/secrets/seal.ts';
import { findServiceState, type StateQuestion } from '../find-service-state.ts';
import { readServiceStatus } from '../read-status.ts';
import { type CommitsDiff, diffCommits } from './diff-commits.ts';

export interface DiffRequest extends StateQuestion {
  /** A folder of a checkout of the repository. */
  readonly cwd: string;
  /** A release that is kept; default: the commit that is checked out. */
  readonly to?: string | undefined;
  /** Those of the next deployment, to find rotated ones; empty where nobody gave any. */
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * What a deployment of the commit that is checked out, or going to another release, would change of what serves on this
 * host. Changes nothing.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, CONFIG_INVALID, BASE_UNAVAILABLE
 */
export async function diffService(request: DiffRequest): Promise<ServiceDiff> {
  const { owner, stateRoot, stateFolder } = await findServiceState(request);
  const state = openServiceState(join(stateRoot, stateFolder), false);
  const current = await state.readCurrent();
  if (current === undefined) {
    throw new LaunchError('SERVICE_NOT_FOUND', `No release of "${owner.service}" serves on this host.`, {
      remedy: 'There is nothing to compare with: `launch plan` shows what a deployment does.',
    });
  }
  const other = request.to === undefined ? undefined : await releaseNamed(state, request.to);
  const place = { service: owner.service, target: owner.target };
  const [found, status] = await Promise.all([
    diffCommits({ ...place, cwd: request.cwd, from: current.commit, to: other?.commit }),
    readServiceStatus(state.folder, { stateRoot, hostEnv: request.hostEnv }),
  ]);
  const secrets = await secretDiff(request, found, stateRoot, current, other);
  const fingerprint = other?.fingerprint ?? found.fingerprint;
  return {
    ...place,
    from: { release: current.id, commit: current.commit },
    to: { release: other?.id, commit: found.to },
    differs:
      fingerprint !== current.fingerprint ||
      secrets.added.length + secrets.removed.length > 0 ||
      secrets.rotated === true ||
      status.drift.length > 0,
    reasons: found.reasons,
    files: found.files,
    moreFiles: found.moreFiles,
    compose: found.compose,
    uncompared: found.uncompared,
    images: await imagesHere(request, found, current, other),
    env: found.env,
    secrets,
    drift: status.drift,
  };
}

async function releaseNamed(state: ServiceState, id: string): Promise<Release> {
  const release = await state.readRelease(id);
  if (release !== undefined) return release;
  const kept = await state.listReleases();
  throw new LaunchError('CONFIG_INVALID', `The release "${printable(id, 60)}" is not kept here.`, {
    remedy: `These are: ${kept.toReversed().slice(0, 10).join(', ')}.`,
  });
}

/** By the names that were handed over, and by the seal over names and values: no host keeps a value. */
async function secretDiff(
  { secrets }: DiffRequest,
  { secrets: declared, secretPrefix }: CommitsDiff,
  stateRoot: string,
  current: Release,
  other: Release | undefined,
): Promise<ServiceDiff['secrets']> {
  // Others than the declared ones came as `env` and hold a secret.
  const before = current.secretNames.filter((name) => declared.before.includes(name));
  const names = diffNames(blank(before), blank(other?.secretNames ?? declared.after));
  if (other !== undefined) {
    return {
      ...names,
      rotated: names.added.length + names.removed.length > 0 ? undefined : other.seal !== current.seal,
    };
  }
  const values = declared.after.map((name) => [name, findSecret(name, secretPrefix, [secrets])] as const);
  const given = values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const isComparable =
    names.added.length + names.removed.length === 0 &&
    current.secretNames.length === before.length &&
    given.length === values.length &&
    given.length > 0;
  if (!isComparable) return { ...names, rotated: undefined };
  const all = new Map([...Object.entries(current.env ?? {}), ...given]);
  return { ...names, rotated: sealOf(all, await hostKey(stateRoot)) !== current.seal };
}

function blank(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, '']));
}

async function imagesHere(
  request: DiffRequest,
  { images }: CommitsDiff,
  current: Release,
  other: Release | undefined,
): Promise<ServiceDiff['images']> {
  if (other !== undefined) {
    const after = new Map(Object.entries(other.images).map(([service, { name }]) => [service, name]));
    const ids = new Map(Object.values(other.images).map(({ name, id }) => [name, id]));
    return imageDiffs(current.images, after, ids);
  }
  return imageDiffs(current.images, images, await idsHere(request, images, current));
}

/** Of the names that stay: a tag may stand for another image by now. What can't be asked is not told. */
async function idsHere(
  { hostEnv }: DiffRequest,
  images: CommitsDiff['images'],
  current: Release,
): Promise<ReadonlyMap<string, string>> {
  const staying = Object.values(current.images).filter(({ name }) => [...images.values()].includes(name));
  if (staying.length === 0) return new Map();
  try {
    const api = openEngine(await findEndpoint(hostPart(hostEnv)));
    try {
      const known = imagesOf(api);
      const found = await Promise.all(
        staying.map(async ({ name }) => [name, (await known.find(name))?.id] as const),
      );
      return new Map(found.flatMap(([name, id]) => (id === undefined ? [] : [[name, id] as const])));
    } finally {
      api.close();
    }
  } catch (error) {
    if (error instanceof LaunchError) return new Map();
    throw error;
  }
}
