import * as z from 'zod/mini';
import { count, field, text } from './fields.ts';
import { recovered } from './recover.ts';

export const unlockOutput = z.union([
  z.object({ kind: field(z.literal('free'), 'Nobody held the lock.') }),
  z.object({
    kind: field(z.literal('broken'), 'The deployment that held it was ended.'),
    owner: z.optional(
      field(
        z.object({
          who: text('Who held it.'),
          since: text('Since when: ISO 8601, UTC.'),
          pid: z.optional(count('The process that deployed.')),
          guardian: z.optional(count('Its guardian: the process that would put the service right.')),
        }),
        'Who held it, as far as the lock told.',
      ),
    ),
    pids: field(z.array(z.int()), 'The processes that held it.'),
    recovered: field(recovered, 'What was left to do when its guardian was done.'),
  }),
]);
export type UnlockOutput = z.infer<typeof unlockOutput>;
