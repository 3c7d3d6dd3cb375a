import * as z from 'zod/mini';
import {
  count,
  durationMs,
  field,
  flag,
  optionalText,
  service,
  target,
  text,
  textOrNull,
  texts,
} from './fields.ts';
import { freezeRecord } from './freeze.ts';

const trigger = z.object({
  event: text("GitHub's event, such as push; or terminal."),
  forced: z.optional(flag('Somebody wanted it deployed whatever stood in the way.')),
  chosen: z.optional(flag('Somebody named the commit.')),
});

const deployment = z.object({
  release: text('Its id; empty for `unlocked` where nothing was released.'),
  at: text('When: ISO 8601, UTC.'),
  by: optionalText('Who did it, where that is known.'),
  commit: text('The full id of the commit.'),
  status: field(
    z.enum(['deployed', 'rolled-back', 'failed', 'unlocked', 'removed']),
    'unlocked: somebody broke the lock by force. removed: it was taken down, and its data kept.',
  ),
  durationMs,
  fingerprint: text('The identity of what the service was at that commit.'),
  run: optionalText('The run of the workflow, as its address.'),
  trigger: z.optional(field(trigger, 'What led to it, where that is known.')),
  reason: optionalText('Why it failed, or what was done by hand.'),
  restores: optionalText('Of a rollback: the release whose content came back.'),
  left: z.optional(flag('Of a failed one: it was left as it is, over what served before.')),
});

export const serviceHistory = z.object({
  service,
  target,
  current: textOrNull('The release that serves; null when none does.'),
  left: textOrNull('The release that failed after it and was left as it is; null when there is none.'),
  frozen: field(z.nullable(freezeRecord), 'Why deployments of it are held; null when they are not.'),
  restorable: texts('The releases that are kept and can be gone back to.'),
  deployments: field(z.array(deployment), 'What was done, newest first; at most as many as --limit says.'),
});

export const workerHistory = z.object({
  service,
  worker: text('Its name at Cloudflare.'),
  live: textOrNull('The version that has all of the traffic; null while it is split.'),
  previous: textOrNull('The version that a rollback goes to; null when there is none.'),
  versions: field(
    z.array(
      z.object({
        versionId: text('The id of the version.'),
        number: z.optional(count("Cloudflare's own number of it.")),
        createdOn: text('When it was uploaded: ISO 8601, UTC.'),
        by: optionalText('Who uploaded it, where that is known.'),
        commit: optionalText('The first 12 digits of the commit, where it is known.'),
        percentage: z.optional(field(z.number(), 'Its share of the traffic; not there when it has none.')),
      }),
    ),
    'The versions that can be gone back to, newest first; at most as many as --limit says.',
  ),
});

/** Without a service: of all on this machine. */
export const hostHistory = z.object({
  stateRoot: text('The folder that holds the state of this machine.'),
  deployments: field(
    z.array(z.extend(deployment, { repository: text('Whose service it is: owner/name.'), target, service })),
    'What was done, newest first; at most as many as --limit says.',
  ),
});

/** Of a service on this machine, of a worker, or of all on this machine. */
export const historyOutput = z.union([serviceHistory, workerHistory, hostHistory]);
export type HistoryOutput = z.infer<typeof historyOutput>;
