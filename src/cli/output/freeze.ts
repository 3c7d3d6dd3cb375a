import * as z from 'zod/mini';
import { field, flag, optionalText, service, text, texts } from './fields.ts';

const why = {
  reason: text('Why it is frozen.'),
  at: text('Since when: ISO 8601, UTC.'),
  by: optionalText('Who froze it.'),
  held: texts('The fingerprints that are not deployed.'),
  strict: z.optional(flag('Also a commit that touches the service is refused; not there when it is not.')),
  waiting: optionalText('The commit that touches the service and was left aside last.'),
};

export const freezeRecord = z.object(why);

export const freezeOutput = z.object({
  service,
  frozen: field(z.literal(true), 'It is frozen now.'),
  ...why,
});
export type FreezeOutput = z.infer<typeof freezeOutput>;

export const unfreezeOutput = z.object({
  service,
  frozen: field(z.literal(false), 'It is not frozen any more.'),
  was: field(z.nullable(freezeRecord), 'The freeze that ended; null when there was none.'),
});
export type UnfreezeOutput = z.infer<typeof unfreezeOutput>;
