import * as z from 'zod/mini';
import { edgeRoute } from './edge.ts';

const container = z.object({ id: z.string(), name: z.string(), service: z.string() });
const image = z.object({ name: z.string(), id: z.string(), digest: z.optional(z.string()) });

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
  url: z.optional(z.string()),
  previous: z.optional(z.string()),
  durationMs: z.optional(z.number()),
  /** The service's folder below `snapshot/`. */
  folder: z.string(),
  /** The compose project. */
  project: z.optional(z.string()),
  /** Names below `mounts/` that its containers use. */
  mounts: z.array(z.string()),
  /** LAUNCH_PORT, where its target has a range of ports. */
  port: z.optional(z.number()),
  /** What the edge proxy serves of it. */
  route: z.optional(edgeRoute),
  images: z.record(z.string(), image),
  containers: z.array(container),
});

export type Release = z.infer<typeof releaseFile>;
export type ReleaseContainer = z.infer<typeof container>;
export type ReleaseImage = z.infer<typeof image>;

/** One line of `history.ndjson`. */
export const historyLine = z.object({
  release: z.string(),
  at: z.string(),
  by: z.optional(z.string()),
  commit: z.string(),
  status: z.enum(['deployed', 'rolled-back', 'failed']),
  durationMs: z.number(),
  fingerprint: z.string(),
  run: z.optional(z.string()),
  reason: z.optional(z.string()),
});

export type HistoryLine = z.infer<typeof historyLine>;

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
  };
}
