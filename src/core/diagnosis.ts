import { formatDuration } from './config/duration.ts';
import {
  type FreeSpace,
  formatBytes,
  freeFiles,
  freeSomeSpace,
  leastFiles,
  type SpacePlace,
} from './deploy/space.ts';

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

/** Below this a pull, or a few releases, may end in a full disk; deployments still begin. */
const comfortable = { state: 256 * 1024 ** 2, images: 2 * 1024 ** 3 };

/** `least`: with less a deployment stops before it begins, in bytes. */
export function judgeFreeSpace({ of, path, free }: SpacePlace, least: number): Finding {
  const subject = of === 'state' ? 'disk of the state folder' : 'disk of Docker';
  const said = describeSpace(path, free);
  if (free.files !== undefined && free.files < leastFiles) {
    return failed(subject, said, `${freeFiles(of)}: deployments do not begin.`);
  }
  if (free.bytes < least) return failed(subject, said, `${freeSomeSpace(of)}: deployments do not begin.`);
  if (free.bytes < comfortable[of]) return warning(subject, said, `${freeSomeSpace(of)}.`);
  return ok(subject, said);
}

function describeSpace(path: string, { bytes, files }: FreeSpace): string {
  const few = files !== undefined && files < leastFiles ? `, room for ${files} more files (inodes)` : '';
  return `${formatBytes(bytes)} free${few} (${path})`;
}

export interface FoundEngine {
  readonly version: string;
  /** Such as `overlay2`. */
  readonly storage: string;
}

export function judgeEngine({ version, storage }: FoundEngine): Finding {
  const said = `${version}, storage driver ${storage}`;
  return storage === 'vfs'
    ? warning(
        'docker engine',
        said,
        'vfs copies a whole image for each container: set another storage driver in /etc/docker/daemon.json.',
      )
    : ok('docker engine', said);
}

/** The versions as the two programs say them; undefined where there is none. `needed`: by a compose service. */
export function judgeCompose(
  { plugin, standalone }: { readonly plugin: string | undefined; readonly standalone: string | undefined },
  needed: boolean,
): Finding {
  const subject = 'docker compose';
  const version = versionIn(plugin ?? '');
  if (version !== undefined && atLeast(version, [2])) return ok(subject, version.join('.'));
  const remedy = 'Install the compose plugin, version 2 or later (package docker-compose-plugin).';
  const old = versionIn(standalone ?? '');
  if (old !== undefined) {
    const said = `${old.join('.')} (docker-compose)`;
    return atLeast(old, [2])
      ? warning(subject, `${said}, not the plugin`, remedy)
      : warning(subject, `${said}; version 1 gets no more fixes`, remedy);
  }
  return (needed ? failed : warning)(subject, 'there is none', remedy);
}

/** This machine's clock against another one. */
export interface ClockReading {
  readonly of: string;
  /** Positive: this machine is ahead; undefined: it could not be asked. In milliseconds. */
  readonly aheadMs: number | undefined;
}

/** More than this, and certificates, tokens and the order of releases go wrong. */
const tolerableMs = 30_000;

export function judgeClock(readings: readonly ClockReading[]): Finding {
  const said = readings.map(describeReading).join('; ');
  const isOff = readings.some(({ aheadMs }) => Math.abs(aheadMs ?? 0) > tolerableMs);
  return isOff
    ? warning('clock', said, 'Set the clock, and keep it right (`timedatectl set-ntp true`).')
    : ok('clock', said);
}

function describeReading({ of, aheadMs }: ClockReading): string {
  if (aheadMs === undefined) return `${of}: not checked`;
  // A Date header tells whole seconds.
  if (Math.abs(aheadMs) < 2000) return `${of}: the same`;
  return `${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${of}`;
}

export interface FoundLock {
  /** The service and its target. */
  readonly place: string;
  readonly service: string;
  /** Undefined when nobody holds it. */
  readonly holder: { readonly who: string; readonly since: string } | undefined;
  /** The release of which the journal has an unfinished deployment. */
  readonly unfinished: string | undefined;
}

/** One finding for each lock that is held and each deployment that was cut off; else one that says there are none. */
export function judgeLocks(locks: readonly FoundLock[]): Finding[] {
  const findings = locks.flatMap(({ place, service, holder, unfinished }) => {
    if (holder !== undefined) {
      const said = `held by ${holder.who} since ${holder.since}`;
      const remedy = `A deployment is under way: wait for its end. Of one that hangs, \`launch unlock ${service}\` shows the processes.`;
      return [warning(`lock of ${place}`, said, remedy)];
    }
    if (unfinished === undefined) return [];
    const said = `the deployment of ${unfinished} was cut off`;
    const remedy = 'Run `launch recover`: it brings it to an end. The next deployment does that as well.';
    return [failed(`journal of ${place}`, said, remedy)];
  });
  return findings.length > 0 ? findings : [ok('locks', 'none is held, and no deployment was cut off')];
}
