import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Seen } from './load-process.ts';

export interface LoadReport {
  readonly requests: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly failed: number;
  /** The longest stretch in which requests were sent that got answers of two versions, in milliseconds. */
  readonly bothVersionsMs: number;
  /** From the first answer that failed to the last, of each stretch; the longest one. */
  readonly longestOutageMs: number;
  readonly versions: readonly string[];
  /** When each was first seen, by the clock. */
  readonly firstSeen: ReadonlyMap<string, number>;
}

export interface Load {
  end(): Promise<LoadReport>;
}

/** Load on loopback: `perSecond` fast requests and some slow ones, each on a connection of its own. */
export function startLoad(port: number, host: string, perSecond: number, slowPerSecond = 0): Load {
  const given = JSON.stringify({ port, host, perSecond, slowPerSecond });
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load-process.ts'), given], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let output = '';
  child.stdout.on('data', (part) => {
    output += part;
  });
  return {
    async end() {
      child.stdin.end();
      await once(child, 'close');
      return report(JSON.parse(output));
    },
  };
}

function report(seen: readonly Seen[]): LoadReport {
  const ordered = [...seen].sort((a, b) => a.at - b.at);
  const faults: Record<string, number> = {};
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  let since: number | undefined;
  let longestOutageMs = 0;
  for (const { at, sent, slow, version, fault } of ordered) {
    if (fault !== undefined) faults[fault] = (faults[fault] ?? 0) + 1;
    if (slow) continue;
    if (fault !== undefined) {
      since ??= at;
      longestOutageMs = Math.max(longestOutageMs, at - since);
    } else {
      if (since !== undefined) longestOutageMs = Math.max(longestOutageMs, at - since);
      since = undefined;
    }
    if (version === undefined) continue;
    first.set(version, Math.min(first.get(version) ?? sent, sent));
    last.set(version, Math.max(last.get(version) ?? sent, sent));
  }
  const versions = [...first].sort((a, b) => a[1] - b[1]).map(([version]) => version);
  const overlaps = versions
    .slice(1)
    .map((version, index) => (last.get(versions[index] ?? '') ?? 0) - (first.get(version) ?? 0));
  const failed = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return {
    requests: seen.length,
    faults,
    failed,
    longestOutageMs,
    versions,
    firstSeen: first,
    bothVersionsMs: Math.max(0, ...overlaps),
  };
}
