/** One thing that `launch doctor` looked at. */
export interface Finding {
  readonly subject: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** What was found, in a few words. */
  readonly detail: string;
  /** What to do about it; empty when nothing is to be done. */
  readonly remedy: string;
}

export function ok(subject: string, detail: string): Finding {
  return { subject, state: 'ok', detail, remedy: '' };
}

export function warning(subject: string, detail: string, remedy: string): Finding {
  return { subject, state: 'warning', detail, remedy };
}

export function failed(subject: string, detail: string, remedy: string): Finding {
  return { subject, state: 'failed', detail, remedy };
}

/** A version such as `2.39.5` or `v5.0.2` as numbers; undefined when there is none in the text. */
export function versionIn(text: string): readonly [number, number, number] | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

export function atLeast(version: readonly number[], wanted: readonly number[]): boolean {
  for (const [i, part] of wanted.entries()) {
    const have = version[i] ?? 0;
    if (have !== part) return have > part;
  }
  return true;
}

/** Below this a pull or a snapshot is likely to fail half-way. */
const comfortableBytes = 2 * 1024 ** 3;
const leastBytes = 256 * 1024 ** 2;

export function judgeFreeSpace(subject: string, bytes: number): Finding {
  const said = `${(bytes / 1024 ** 3).toFixed(1)} GiB free`;
  if (bytes < leastBytes)
    return failed(subject, said, 'Free some space: deployments stop before the disk is full.');
  if (bytes < comfortableBytes)
    return warning(subject, said, 'Free some space soon, for example with `docker image prune`.');
  return ok(subject, said);
}
