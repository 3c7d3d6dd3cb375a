// Runs of `ensure` and the rest in this process, against a fake account: for tests that look at every request.

import type { GpuResult } from '../../src/core/gpu/result.ts';
import { defaultImage, type GpuSettings } from '../../src/core/gpu/settings.ts';
import type { GpuAccess } from '../../src/operations/gpu/access.ts';
import { ensureInstance } from '../../src/operations/gpu/ensure-instance.ts';
import type { BegunGpu, EnsureRequest } from '../../src/operations/gpu/request.ts';
import type { FakeLinode } from './linode-api/server.ts';
import { recordingReporter } from './recording-reporter.ts';

/** A key that nobody has the other half of. */
export const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN test';

export const usualSettings: GpuSettings = {
  label: 'sandbox',
  types: ['g2-gpu-rtx4000a1-s'],
  regions: undefined,
  image: defaultImage,
  stackScript: undefined,
  stackScriptData: new Map(),
  authorizedKeys: [publicKey],
  tags: [],
  ttlMs: 3_600_000,
  maxHourlyCost: undefined,
  waitFor: 'running',
  timeoutMs: 10_000,
  onFailure: 'keep',
  firewall: { networks: { ipv4: [], ipv6: [] }, caller: true },
};

export interface GpuRun {
  readonly reporter: ReturnType<typeof wholeReporter>;
  readonly secrets: string[];
  /** What was left for `post`, at each time; undefined: that nothing is left to do. */
  readonly begun: (BegunGpu | undefined)[];
  readonly result: Promise<GpuResult>;
}

export function accessTo(fake: FakeLinode, part: Partial<GpuAccess> = {}): GpuAccess {
  return {
    ...{ token: fake.token, hostEnv: { ...fake.env }, signal: undefined },
    linode: { timeout: 400, firstWait: 5 },
    looksMs: [0, 20, 50],
    ...part,
  };
}

/** Keeps what is told, also to those who debug. */
export function wholeReporter() {
  const reporter = recordingReporter();
  const debug: string[] = [];
  return {
    ...reporter,
    debug: (line: string) => void debug.push(line),
    text: () => [...reporter.lines, ...reporter.warnings, ...debug].join('\n'),
  };
}

/** Starts an `ensure`. */
export function startEnsure(fake: FakeLinode, part: Partial<EnsureRequest> = {}): GpuRun {
  const reporter = wholeReporter();
  const secrets: string[] = [];
  const begun: (BegunGpu | undefined)[] = [];
  const result = ensureInstance(
    {
      ...accessTo(fake),
      ...usualSettings,
      cwd: process.cwd(),
      revision: 'a'.repeat(40),
      dryRun: false,
      onSecrets: (values) => void secrets.push(...values),
      onBegun: (it) => void begun.push(it),
      onSettled: () => void begun.push(undefined),
      ...part,
    },
    reporter,
  );
  return { reporter, secrets, begun, result };
}

export async function ensure(fake: FakeLinode, part: Partial<EnsureRequest> = {}): Promise<GpuResult> {
  return await startEnsure(fake, part).result;
}

/** What was asked for beside reading, ids left out. */
export function changesOf(fake: FakeLinode, since = 0): string[] {
  return fake.requests
    .slice(since)
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path.replace(/\/\d+(?=\/|$)/g, '/…')}`);
}

/** Only what a create was asked with. */
export function createsOf(fake: FakeLinode): Record<string, unknown>[] {
  return fake.requests
    .filter(({ method, path }) => method === 'POST' && path === '/linode/instances')
    .map(({ body }) => body as Record<string, unknown>);
}
