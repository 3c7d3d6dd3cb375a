import * as z from 'zod/mini';
import { field, flag, service, target, text, textOrNull, texts } from './fields.ts';
import { freezeRecord } from './freeze.ts';

export const statusOutput = z.object({
  stateRoot: text('The folder that holds the state of this machine.'),
  services: field(
    z.array(
      z.object({
        repository: text('Whose service it is: owner/name.'),
        target,
        service,
        release: textOrNull('The release that serves; null when none does.'),
        restores: textOrNull(
          'The release whose content came back with it; null unless it came by a rollback.',
        ),
        commit: textOrNull('The full id of the commit; null when none was released.'),
        at: textOrNull('When it was released: ISO 8601, UTC; null when none was.'),
        by: textOrNull('Who released it; null when that is not known.'),
        url: textOrNull('Where people reach it; null when that is not known.'),
        health: field(
          z.enum(['healthy', 'unhealthy', 'starting', 'unknown', 'removed']),
          'removed: it was taken down, and its data is kept. unknown: see detail.',
        ),
        detail: text('Why it is not healthy, or not known; empty when it is healthy.'),
        drift: texts('In what way what runs is not what was released; empty when it is.'),
        frozen: field(z.nullable(freezeRecord), 'Why deployments of it are held; null when they are not.'),
        unfinished: flag('Whether a deployment is under way, or was cut off.'),
      }),
    ),
    'Everything that was deployed on this machine.',
  ),
});
export type StatusOutput = z.infer<typeof statusOutput>;
