import * as z from 'zod/mini';
import type { EngineApi } from './api.ts';
import { ok } from './containers.ts';
import { engineInfo } from './engine-info.ts';

const event = z.looseObject({
  timeNano: z.number(),
  Actor: z.looseObject({
    ID: z.string(),
    Attributes: z.optional(z.nullable(z.record(z.string(), z.string()))),
  }),
});

/** A signal that the engine has sent to a container. */
export interface SentSignal {
  readonly container: string;
  readonly signal: number;
  /** In milliseconds since 1970, by the engine's clock. */
  readonly at: number;
}

export interface SentSignals {
  /** Oldest first; the engine remembers its last 256 events. */
  readonly signals: readonly SentSignal[];
  /** By the engine's clock. */
  readonly now: number;
}

/** So far back it is looked; no container takes longer to stop. */
const pastMs = 60 * 60_000;
/** What is being sent at this moment counts, too. */
const momentMs = 50;

/**
 * The signals that the engine has sent to these containers. Nothing else tells that one is about to end because
 * somebody, who may be gone, has asked the engine to stop it.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE, DEPLOY_FAILED with the engine's own words
 */
export async function sentSignals(api: EngineApi, containers: readonly string[]): Promise<SentSignals> {
  const { aheadMs = 0 } = await engineInfo(api);
  const now = Date.now() - aheadMs;
  const answer = await api.call('GET', '/events', {
    query: {
      since: seconds(now - pastMs),
      until: seconds(now + momentMs),
      filters: JSON.stringify({ type: ['container'], event: ['kill'], container: [...containers] }),
    },
  });
  const lines = ok(answer, 'tell its events')
    .body.toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
  const signals = lines.map((line) => {
    const { timeNano, Actor: actor } = z.parse(event, JSON.parse(line));
    return { container: actor.ID, signal: Number(actor.Attributes?.['signal']), at: timeNano / 1e6 };
  });
  return { signals, now };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
