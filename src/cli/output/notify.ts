import * as z from 'zod/mini';
import { count, field, flag, optionalText, text } from './fields.ts';

export const notifyOutput = z.object({
  delivered: field(
    z.array(
      z.object({
        channel: text('The name of the channel.'),
        type: text('What kind of channel it is.'),
        ok: flag('Whether it got the message.'),
        status: z.optional(
          count('The HTTP status, or the code of the mail server; not there without an answer.'),
        ),
        why: optionalText('Why it did not get it; not there when it did.'),
      }),
    ),
    'What became of the message at each channel.',
  ),
});
export type NotifyOutput = z.infer<typeof notifyOutput>;
