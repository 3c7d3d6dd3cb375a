import * as z from 'zod/mini';
import { commit, field, service, target, text, textOrNull, texts } from './fields.ts';

export const adoptOutput = z.object({
  status: field(z.enum(['adopted', 'rehearsed']), 'rehearsed: with --dry-run; nothing was taken over.'),
  service,
  target,
  project: text('The compose project.'),
  commit,
  release: textOrNull('The release as which it was taken over; null in a rehearsal.'),
  containers: texts('The containers, which run on as they are.'),
  differs: texts('In what way they are not what the commit says.'),
  unchanged: texts('The compose services that the next deployment leaves as they are.'),
  data: field(
    z.array(
      z.object({
        place: text('The place that stands for it, below the state folder of the service.'),
        from: text('Where it is: an absolute path.'),
      }),
    ),
    'Data that stays where it is.',
  ),
});
export type AdoptOutput = z.infer<typeof adoptOutput>;
