import * as z from 'zod/mini';
import type { EngineApi } from './api.ts';
import { ok, parse } from './containers.ts';

const info = z.object({
  ServerVersion: z._default(z.string(), 'of an unknown version'),
  Driver: z._default(z.string(), 'unknown'),
  SystemTime: z.optional(z.string()),
  SecurityOptions: z.optional(z.nullable(z.array(z.string()))),
});

export interface EngineInfo {
  readonly version: string;
  /** The storage driver, such as `overlay2`. */
  readonly storage: string;
  /** How far this machine's clock is ahead of the engine's, in milliseconds. */
  readonly aheadMs: number | undefined;
  /** Whether it runs as a plain user, who is root in its containers. */
  readonly isRootless: boolean;
}

/** @throws LaunchError ENGINE_UNAVAILABLE, DEPLOY_FAILED with the engine's own words */
export async function engineInfo(api: EngineApi): Promise<EngineInfo> {
  const asked = Date.now();
  const answer = await api.call('GET', '/info', { timeout: 10_000 });
  const between = (asked + Date.now()) / 2;
  const found = parse(info, ok(answer, 'tell about itself'));
  const theirs = Date.parse(found.SystemTime ?? '');
  return {
    version: found.ServerVersion,
    storage: found.Driver,
    aheadMs: Number.isNaN(theirs) ? undefined : Math.round(between - theirs),
    isRootless: (found.SecurityOptions ?? []).some((option) => /\bname=rootless\b/.test(option)),
  };
}
