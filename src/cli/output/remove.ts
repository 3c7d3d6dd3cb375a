import * as z from 'zod/mini';
import { durationMs, field, service, target, textOrNull, texts } from './fields.ts';

export const removeOutput = z.object({
  status: field(
    z.enum(['removed', 'absent', 'left']),
    'removed: what ran is gone, its data is kept. absent: nothing of it was there. left: it runs on; see why.',
  ),
  service,
  target,
  release: textOrNull('The release that was taken down; null when that is not known.'),
  commit: textOrNull('The full id of its commit; null when that is not known.'),
  containers: texts('The containers that were removed.'),
  volumes: texts('The named volumes that are kept.'),
  data: textOrNull('The folder with the data of its bind mounts, which is kept; null when there is none.'),
  durationMs,
  why: textOrNull('Of one that was left: what a person has to do; null otherwise.'),
  notices: texts('What a person should know beside.'),
});
export type RemoveOutput = z.infer<typeof removeOutput>;
