import * as z from 'zod/mini';
import { field, flag, optionalText, service, target, text } from './fields.ts';

const release = text('The release that was cut off.');

export const recovered = z.union([
  z.object({ kind: field(z.literal('nothing'), 'It is in order.') }),
  z.object({
    kind: field(
      z.enum(['dropped', 'finished', 'removed', 'not-removed']),
      'dropped: it had not started. finished: it was healthy and stays. removed: it was to go. not-removed: its remove.sh failed.',
    ),
    release,
  }),
  z.object({
    kind: field(z.literal('undone'), 'What it was before was put back.'),
    release,
    outcome: field(
      z.object({
        status: field(
          z.enum(['rolled-back', 'failed']),
          'rolled-back: the release before serves. failed: none does.',
        ),
        notPutBack: optionalText(
          'Why the old release does not serve; not there when it does, or there was none.',
        ),
        again: flag('Whether another try may succeed.'),
      }),
      'What came of it.',
    ),
  }),
]);

export const recoverOutput = z.object({
  services: field(
    z.array(
      z.object({
        service,
        target,
        repository: text('Whose service it is: owner/name.'),
        result: field(
          z.union([
            recovered,
            z.object({
              kind: field(z.literal('left'), 'It could not be brought to an end.'),
              because: text('Why.'),
            }),
          ]),
          'What became of it.',
        ),
      }),
    ),
    'The services of which a deployment was cut off; empty when there was none.',
  ),
});
export type RecoverOutput = z.infer<typeof recoverOutput>;
