import * as z from 'zod/mini';
import { failure, optionalError } from './error.ts';
import { durationMs, field, optionalText, service, text, texts } from './fields.ts';

const result = {
  operation: field(z.enum(['deploy', 'rollback', 'delete']), 'What was asked for.'),
  status: field(
    z.enum(['deployed', 'unchanged', 'rolled-back', 'failed', 'deleted']),
    'rolled-back: the new version failed, and the one before has the traffic.',
  ),
  worker: text('Its name at Cloudflare.'),
  versionId: optionalText(
    'The version that was uploaded or gone back to; for `unchanged` the one that serves.',
  ),
  previousVersionId: optionalText('What had all traffic before; not there for a first deployment.'),
  liveVersionId: optionalText('What has all traffic now; not there when nothing has, or nobody could tell.'),
  urls: texts('Where it answers; the first is the one to show.'),
  commit: optionalText('The full id of the commit, where it is known.'),
  durationMs,
  tested: field(z.enum(['before traffic', 'afterwards', 'no']), 'When the new version was tested.'),
  failure,
  notTakenBack: optionalText('Of a failed one: why the version before could not get its traffic back.'),
  notices: texts('What a person should know beside.'),
  plan: z.optional(texts('Of a rehearsal: what would be done.')),
};

/** How an operation on one worker ended. */
export const workerResult = z.object(result);

/** The same with the error that it amounts to: what `launch rollback` prints of a worker. */
export const workerOutput = z.object({ ...result, error: optionalError });
export type WorkerOutput = z.infer<typeof workerOutput>;

export const workerOfService = z.object({ service, ...result, error: optionalError });
