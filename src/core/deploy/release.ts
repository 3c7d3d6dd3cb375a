import * as z from 'zod/mini';
import { edgeRoute } from './edge.ts';
import { triggerFile } from './trigger.ts';

const container = z.object({
  id: z.string(),
  name: z.string(),
  service: z.string(),
  /** Whether it ran when the release was accepted, or had done its work; older records do not say. */
  running: z.optional(z.boolean()),
});
const image = z.object({
  name: z.string(),
  id: z.string(),
  digest: z.optional(z.string()),
  /** Whether a deployment of this service pulled or built it; only such an image is ever removed. */
  ours: z.optional(z.boolean()),
});

const publishedPort = z.object({
  service: z.string(),
  port: z.number(),
  protocol: z.string(),
  /** Undefined: all addresses. */
  address: z.optional(z.string()),
  /** Where the container listens. */
  target: z.optional(z.number()),
});

const registry = z.object({ host: z.string(), username: z.string(), secret: z.string() });

/** What a container that Launch took over mounts, and the place of the service's state that stands for it. */
const adoptedMount = z.object({
  /** In the container; absent for the file of a config or secret. */
  target: z.optional(z.string()),
  /** Where it was mounted from before, absolute. */
  from: z.string(),
  /** `mounts/<key>/<name>` or `data/<path>`. */
  place: z.string(),
});

/** Data that stays where it was before Launch took it over; `place` is a link to it. */
const dataLink = z.object({ place: z.string(), from: z.string() });

/** Where the run that deployed stands among those of its workflow and branch. */
export const runOrder = z.object({ line: z.string(), run: z.number(), attempt: z.number() });

/** The newest commit whose content a release was found to have, beside the one it was made of. */
export const newestFile = z.object({ release: z.string(), commit: z.string(), order: z.optional(runOrder) });

export type Newest = z.infer<typeof newestFile>;

/** `release.json`: the record of one deployment on one target. Holds no secret, only names and a seal. */
export const releaseFile = z.object({
  format: z.literal(1),
  id: z.string(),
  service: z.string(),
  target: z.string(),
  repository: z.string(),
  driver: z.enum(['compose', 'script', 'worker']),
  /** `prepared` until its outcome is known. */
  status: z.enum(['prepared', 'deployed', 'rolled-back', 'failed']),
  commit: z.string(),
  fingerprint: z.string(),
  seal: z.string(),
  secretNames: z.array(z.string()),
  at: z.string(),
  by: z.optional(z.string()),
  run: z.optional(z.string()),
  trigger: z.optional(triggerFile),
  order: z.optional(runOrder),
  url: z.optional(z.string()),
  previous: z.optional(z.string()),
  /** Of a rollback: the release whose content this is, and the one before that in its line. */
  restores: z.optional(z.string()),
  before: z.optional(z.string()),
  durationMs: z.optional(z.number()),
  /** The service's folder below `snapshot/`. */
  folder: z.string(),
  /** The compose project. */
  project: z.optional(z.string()),
  /** Names below `mounts/` that its containers use. */
  mounts: z.array(z.string()),
  /** LAUNCH_PORT, where its target has a range of ports. */
  port: z.optional(z.number()),
  /** The host ports that it publishes, and the compose services that do. */
  ports: z.optional(z.array(publishedPort)),
  /** What the edge proxy serves of it. */
  route: z.optional(edgeRoute),
  images: z.record(z.string(), image),
  containers: z.array(container),
  /** The `env` input, without what holds a secret: such a name is among `secretNames`. */
  env: z.optional(z.record(z.string(), z.string())),
  secretPrefix: z.optional(z.string()),
  /** Where its images come from; of the password only the name of the secret. */
  registries: z.optional(z.array(registry)),
  /** Set where only version 1 of compose was there. */
  oldCompose: z.optional(z.boolean()),
  /** Of the release as which a running project was taken over: in what way it was not what the commit says. */
  takenOver: z.optional(z.object({ differs: z.array(z.string()), data: z.array(dataLink) })),
  /** Of one that failed and was not taken back: its containers stand beside those of the release before. */
  leftBeside: z.optional(z.boolean()),
  /** Compose services whose containers are still those that ran before Launch took them over. */
  adopted: z.optional(z.record(z.string(), z.array(adoptedMount))),
});

export type Release = z.infer<typeof releaseFile>;
export type ReleaseContainer = z.infer<typeof container>;
export type ReleaseImage = z.infer<typeof image>;
export type ReleasePort = z.infer<typeof publishedPort>;
export type AdoptedMount = z.infer<typeof adoptedMount>;
export type DataLink = z.infer<typeof dataLink>;
export type ReleaseRegistry = z.infer<typeof registry>;

/** One line of `history.ndjson`. */
export const historyLine = z.object({
  release: z.string(),
  at: z.string(),
  by: z.optional(z.string()),
  commit: z.string(),
  /** `unlocked`: somebody broke the lock by force. `removed`: the release was taken down, and its data kept. */
  status: z.enum(['deployed', 'rolled-back', 'failed', 'unlocked', 'removed']),
  durationMs: z.number(),
  fingerprint: z.string(),
  run: z.optional(z.string()),
  trigger: z.optional(triggerFile),
  reason: z.optional(z.string()),
  /** Of a rollback: the release whose content came back. */
  restores: z.optional(z.string()),
  /** Of one that failed: that it was left as it is, over what served before. */
  left: z.optional(z.boolean()),
});

export type HistoryLine = z.infer<typeof historyLine>;

/** What became of a release that was deployed; undefined for a line that tells of something else. */
export function deploymentStatus({ status }: HistoryLine): 'deployed' | 'rolled-back' | 'failed' | undefined {
  return status === 'unlocked' || status === 'removed' ? undefined : status;
}

/** For people: when and by whom a release was taken down, and that nothing is lost. */
export function describeRemoval({ release, at, by, reason }: HistoryLine): string {
  const who = by === undefined ? '' : ` by ${by}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  return `${release} was taken down at ${at}${who}${why}; its data is kept`;
}

/** The removal after which nothing of the service was deployed here any more. */
export function lastRemoval(history: readonly HistoryLine[]): HistoryLine | undefined {
  const last = history.findLast(({ status }) => status !== 'unlocked');
  return last?.status === 'removed' ? last : undefined;
}

/**
 * `<utc yyyymmddThhmmssZ>-<short commit>`. Two deployments of one commit in one second are told apart by a
 * counter behind it.
 */
export function releaseId(at: Date, commit: string, taken: readonly string[]): string {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '');
  const id = `${time}-${commit.slice(0, 7)}`;
  for (let counter = 1; ; counter += 1) {
    const candidate = counter === 1 ? id : `${id}-${counter}`;
    if (!taken.includes(candidate)) return candidate;
  }
}

export function isReleaseId(name: string): boolean {
  return /^\d{8}T\d{6}Z-[0-9a-f]{7}(-\d+)?$/.test(name);
}

export function historyOf(release: Release, status: HistoryLine['status'], durationMs: number): HistoryLine {
  return {
    release: release.id,
    at: release.at,
    commit: release.commit,
    status,
    durationMs,
    fingerprint: release.fingerprint,
    ...(release.by === undefined ? {} : { by: release.by }),
    ...(release.run === undefined ? {} : { run: release.run }),
    ...(release.trigger === undefined ? {} : { trigger: release.trigger }),
    ...(release.restores === undefined ? {} : { restores: release.restores }),
    ...(release.takenOver === undefined ? {} : { reason: 'taken over as it ran' }),
  };
}

/** What runs, with what was known before of where its images came from. */
export function describedImages(prepared: Release['images'], running: Release['images']): Release['images'] {
  const ours = new Set(Object.values(prepared).flatMap((it) => (it.ours === true ? [it.id] : [])));
  return Object.fromEntries(
    Object.entries(running).map(([name, it]) => [name, ours.has(it.id) ? { ...it, ours: true } : it]),
  );
}
