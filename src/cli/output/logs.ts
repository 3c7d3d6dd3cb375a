import * as z from 'zod/mini';
import { field, text, textOrNull } from './fields.ts';

/** Of one line: each is printed as a document of its own. */
export const logsOutput = z.object({
  time: textOrNull(
    'When the engine took it: RFC 3339 with nanoseconds, UTC; null when the engine did not say.',
  ),
  container: text('The name of the container.'),
  stream: field(
    z.enum(['stdout', 'stderr']),
    'Where the container printed it; stdout for all of one with a terminal.',
  ),
  line: text('The line as it was printed, without its end.'),
});
export type LogsOutput = z.infer<typeof logsOutput>;
