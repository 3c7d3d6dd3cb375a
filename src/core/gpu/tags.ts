// What Launch writes down at Linode itself, so that it is known whatever becomes of the machine that made an instance.

/** On everything that Launch made and may tag. */
export const launchTag = 'launch';
const deletionPrefix = 'launch-delete-after:';
const runPrefix = 'launch-run:';

/** `launch-delete-after:20261121T153000Z`; a tag may have 50 characters. */
export function deletionTag(atMs: number): string {
  // Up to the next second: an instance never goes early.
  const whole = new Date(Math.ceil(atMs / 1000) * 1000).toISOString();
  return `${deletionPrefix}${whole.replace(/[-:]|\.\d+/g, '')}`;
}

/** By it a run knows an instance as its own after an answer that was lost. */
export function runTag(run: string): string {
  return `${runPrefix}${run}`;
}

export function isOfRun(tags: readonly string[], run: string): boolean {
  return tags.includes(runTag(run));
}

/** Whether the tags say that Launch made it, or was told to look after it. */
export function hasLaunchTag(tags: readonly string[]): boolean {
  return tags.some((tag) => tag === launchTag || tag.startsWith(runPrefix) || isDeletionTag(tag));
}

export type DeletionTime =
  | { readonly kind: 'none' }
  | { readonly kind: 'at'; readonly ms: number }
  /** A tag that looks like one and can't be read; nothing is deleted by it. */
  | { readonly kind: 'unreadable'; readonly tag: string };

/** When an instance is to be deleted. Of several times the latest counts: nothing goes early. */
export function deletionTime(tags: readonly string[]): DeletionTime {
  let latest: number | undefined;
  for (const tag of tags) {
    if (!isDeletionTag(tag)) continue;
    const ms = timeIn(tag);
    if (ms === undefined) return { kind: 'unreadable', tag };
    latest = Math.max(latest ?? ms, ms);
  }
  return latest === undefined ? { kind: 'none' } : { kind: 'at', ms: latest };
}

/** The same tags with another deletion time. */
export function withDeletionTime(tags: readonly string[], atMs: number): string[] {
  return [...tags.filter((tag) => !isDeletionTag(tag)), deletionTag(atMs)];
}

function isDeletionTag(tag: string): boolean {
  return tag.startsWith(deletionPrefix);
}

function timeIn(tag: string): number | undefined {
  const digits = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(tag.slice(deletionPrefix.length));
  if (digits === null) return undefined;
  const [, year, month, day, hour, minute, second] = digits;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const ms = Date.parse(text);
  // The 31st of February is read as a day in March.
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text ? ms : undefined;
}
