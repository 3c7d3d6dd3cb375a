import * as z from 'zod/mini';
import { driverNames } from '../../core/config/fields.ts';
import { count, field, flag, service, target, text, textOrNull, texts } from './fields.ts';

const runsOn = z.union([
  z.string(),
  z.array(z.string()),
  z.object({
    group: z.optional(text('The name of a runner group.')),
    labels: z.optional(field(z.union([z.string(), z.array(z.string())]), 'A label, or a list of labels.')),
  }),
]);

const driver = z.enum(driverNames);

const entry = z.object({
  driver: field(driver, 'How the service gets there.'),
  wave: count('In which wave it is deployed; counts from 1.'),
  'runs-on': field(runsOn, 'By what the runner of the target is found.'),
  environment: text('The GitHub environment of the target; empty when it has none.'),
  url: text('Where people reach it; empty when that is not known.'),
  why: texts('Why it is in the plan; empty when it was named.'),
  frozen: z.optional(
    field(
      z.object({
        reason: text('Why it is frozen.'),
        by: text('Who froze it; empty when that is not known.'),
        at: text('Since when: ISO 8601, UTC.'),
        verdict: field(
          z.enum(['held', 'refused', 'lifted']),
          'held: nothing is done. refused: the deployment fails. lifted: it ends the freeze.',
        ),
      }),
      'Not there when the service is not frozen, and where that can not be known.',
    ),
  ),
});

const runnerMatch = z.union([
  z.object({
    kind: field(z.literal('online'), 'A runner is there.'),
    runners: texts('The runners that are online.'),
    busy: flag('Whether all of them are busy.'),
  }),
  z.object({
    kind: field(z.literal('offline'), 'Runners have the labels, but none of them is online.'),
    runners: texts('Those runners.'),
  }),
  z.object({
    kind: field(z.literal('none'), 'No runner has all of the labels.'),
    labels: texts('The labels.'),
  }),
  z.object({ kind: field(z.literal('not-checked'), 'It can not be known.'), why: text('Why.') }),
]);

export const planOutput = z.object({
  base: textOrNull('The commit that was compared with; null when none was.'),
  head: textOrNull('The commit that is planned; null when services were named.'),
  deleted: texts('The services that are gone.'),
  removals: field(
    z.array(
      z.object({
        service,
        target,
        driver: text('How the service got there.'),
        'on-delete': field(z.enum(['report', 'stop']), 'report: it runs on. stop: it is taken down.'),
      }),
    ),
    'What goes away from where, also from a single target.',
  ),
  waves: field(z.array(z.array(z.string())), 'The services of each wave.'),
  services: field(
    z.record(
      z.string(),
      field(z.record(z.string(), entry), 'By the name of the target: how the service gets there.'),
    ),
    'By the name of the service.',
  ),
  disabled: texts('Services that were chosen and are not enabled: they are not deployed.'),
  runners: z.optional(
    field(
      z.nullable(z.record(z.string(), runnerMatch)),
      'By the name of the target; with --check-runners only, and null when GitHub could not be asked.',
    ),
  ),
  changes: z.optional(
    field(
      z.array(
        z.object({
          service,
          targets: texts('The targets for which the same differs.'),
          isNew: flag('Whether it was not there before.'),
          stateful: texts('What of it concerns data that the service keeps; sentences.'),
          diff: text('The hunks of a unified diff, without secrets; empty when it could not be made.'),
        }),
      ),
      'How the compose configuration differs; with --diff only.',
    ),
  ),
});
export type PlanOutput = z.infer<typeof planOutput>;
