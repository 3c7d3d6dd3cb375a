import * as z from 'zod/mini';
import { errorInResult, failure, fault, optionalError } from './error.ts';
import {
  commit,
  count,
  durationMs,
  field,
  flag,
  optionalText,
  service,
  target,
  text,
  texts,
  url,
} from './fields.ts';
import { workerOfService } from './worker.ts';

/** How a deployment to this machine ended: of `launch deploy` and `launch rollback`. */
export const deploymentOutput = z.object({
  status: field(
    z.enum(['deployed', 'unchanged', 'rolled-back', 'failed']),
    'rolled-back: the new release failed, and the old one serves. failed: see notPutBack and previousServes.',
  ),
  service,
  target,
  release: text('The release that was made; for `unchanged` the one that serves.'),
  previousRelease: optionalText('The release before it; not there when there was none.'),
  commit,
  fingerprint: text('The identity of what the service is at that commit.'),
  url,
  durationMs,
  made: texts('The containers that were made; empty for a script.'),
  kept: texts('The containers that run on as they were; empty for a script.'),
  outageMs: z.optional(
    field(z.number(), 'How long it did not answer, in milliseconds; not there when nothing could tell.'),
  ),
  failedProbes: z.optional(count('How many probes failed meanwhile; there when outageMs is.')),
  notMeasured: optionalText('Why no outage could be measured, where there could be one.'),
  failure,
  notPutBack: optionalText('Of a failed one: why the old release could not be put back.'),
  previousServes: z.optional(
    flag('Of a failed one: requests go to the release before, and to nothing else.'),
  ),
  plan: z.optional(texts('Of a rehearsal: what would be done.')),
  notices: z.optional(texts('What a person should know beside.')),
  restores: optionalText('Of a rollback: the release whose content came back.'),
  fault,
  frozen: z.optional(flag('Of an unchanged one: a freeze held it.')),
  superseded: optionalText('Of an unchanged one that came too late: which newer commit is live.'),
  error: optionalError,
});
export type DeploymentOutput = z.infer<typeof deploymentOutput>;

export const deployOutput = z.object({
  services: field(
    z.array(
      z.union([
        deploymentOutput,
        workerOfService,
        z.object({
          service,
          status: field(z.literal('refused'), 'It was not begun, and nothing was changed.'),
          error: field(errorInResult, 'Why.'),
        }),
        z.object({
          service,
          status: field(z.literal('held-back'), 'It was left alone.'),
          because: text('The service that failed and that it depends on.'),
        }),
      ]),
    ),
    'What became of each service, in the order in which they were deployed.',
  ),
  deleted: texts('Services that are gone from the repository, but not from their hosts.'),
});
export type DeployOutput = z.infer<typeof deployOutput>;
