import * as z from 'zod/mini';
import { edgeRoute } from './edge.ts';
import { runOrder } from './release.ts';
import { triggerFile } from './trigger.ts';

/** A container as it was before a release started. */
const before = z.object({
  id: z.string(),
  name: z.string(),
  running: z.boolean(),
  /** The compose service; empty when it is none's. */
  service: z.string(),
});

/** A network as it was; what the engine needs to make it again. */
const network = z.looseObject({ Name: z.string() });

/** How traffic goes over from the containers of one release to those of the next. */
const switching = z.object({
  /** The release it goes over to. */
  release: z.string(),
  /** Undefined where compose replaces the containers: then there are never two generations. */
  strategy: z.optional(z.enum(['rolling', 'blue-green'])),
  route: z.optional(edgeRoute),
  /** The route of the release before. */
  previous: z.optional(edgeRoute),
  /** Ids of the containers that go once the release is verified. */
  leaving: z.array(z.string()),
  /** How long requests that are under way to them are waited for, in milliseconds. */
  drainMs: z.number(),
});

const removalNote = z.object({
  by: z.optional(z.string()),
  run: z.optional(z.string()),
  trigger: z.optional(triggerFile),
  reason: z.optional(z.string()),
  /** The commit and the run that took the service out; an older one must not bring it back. */
  commit: z.optional(z.string()),
  order: z.optional(runOrder),
});

/**
 * One line of the journal, written before the step acts. `start` is the point from which the old release may no
 * longer serve; `switch` the one from which requests may reach both, where an edge proxy leads to the containers;
 * `verified` the one from which the new one serves; `restored` the one from which the old one is back, and then
 * `before` names its containers as they are called now. `adopted` is the one from which what ran before is a release;
 * nothing is started for that, so nothing has to be taken back. `remove` is the one from which a release is being taken
 * down for good.
 */
export const journalEntry = z.object({
  step: z.enum([
    'snapshot',
    'prepare',
    'start',
    'switch',
    'verified',
    'put-back',
    'restored',
    'adopted',
    'remove',
  ]),
  at: z.string(),
  release: z.string(),
  previous: z.optional(z.string()),
  project: z.optional(z.string()),
  before: z.optional(z.array(before)),
  networks: z.optional(z.array(network)),
  switching: z.optional(switching),
  /** Image names that a rollback points elsewhere, and the ids that they stood for. */
  tags: z.optional(z.record(z.string(), z.string())),
  /** Of a removal: who takes it down, and why. */
  removal: z.optional(removalNote),
});

export type JournalEntry = z.infer<typeof journalEntry>;
export type ContainerBefore = z.infer<typeof before>;
export type Switching = z.infer<typeof switching>;
export type NetworkBefore = z.infer<typeof network>;
export type RemovalNote = z.infer<typeof removalNote>;

/** What an unfinished journal asks of the next run. */
export type Recovery =
  | { readonly kind: 'none' }
  /** Nothing had been touched yet: only the half-written release goes. */
  | { readonly kind: 'discard'; readonly release: string }
  /** The new release was never known to be healthy: the state before it comes back. */
  | { readonly kind: 'put-back'; readonly start: JournalEntry }
  /** The old release is back: the rest of the record is made up for. */
  | { readonly kind: 'finish-undo'; readonly start: JournalEntry }
  /** It was healthy: the rest of the record is made up for. */
  | { readonly kind: 'finish'; readonly start: JournalEntry }
  /** It was being taken down: the rest of it goes as well. */
  | { readonly kind: 'remove'; readonly start: JournalEntry };

export function recoveryFor(entries: readonly JournalEntry[]): Recovery {
  const last = entries.at(-1);
  if (last === undefined) return { kind: 'none' };
  if (last.step === 'remove') return { kind: 'remove', start: last };
  if (last.step === 'adopted') return { kind: 'finish', start: last };
  const start = entries.find((entry) => entry.step === 'start' && entry.release === last.release);
  if (start === undefined) return { kind: 'discard', release: last.release };
  if (last.step === 'restored') return { kind: 'finish-undo', start: last };
  return last.step === 'verified' ? { kind: 'finish', start } : { kind: 'put-back', start };
}
