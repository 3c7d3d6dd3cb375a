import * as z from 'zod/mini';
import { commit, field, flag, service, target, text, textOrNull, texts } from './fields.ts';

const lines = (meaning: string) =>
  field(z.nullable(z.int().check(z.nonnegative())), `${meaning}; null where no lines are compared.`);

const side = z.object({
  release: textOrNull('The release, or the version of a worker; null for what was not deployed.'),
  commit,
});

const file = z.object({
  path: text('Where it is now, or was, from the top of the repository.'),
  change: field(z.enum(['added', 'changed', 'deleted']), 'What became of it.'),
  added: lines('How many lines came'),
  removed: lines('How many lines went'),
  note: text('Why no lines are compared, such as binary; empty where they are.'),
  diff: text('The hunks of a unified diff, without what looks like a secret; empty where none are made.'),
});

const image = z.object({
  service: text('The name in the compose file.'),
  change: field(
    z.enum(['added', 'removed', 'changed', 'moved']),
    'moved: the name is the same, and stands for another image on this machine by now.',
  ),
  before: textOrNull('The name that was released; null when there was none.'),
  after: textOrNull('The name now; null when there is none.'),
  running: textOrNull('The id of the image that was released; null when there was none.'),
});

export const diffOutput = z.object({
  service,
  target,
  from: field(side, 'What serves.'),
  to: field(side, 'What it is compared with.'),
  differs: flag('Whether a deployment would find anything to do.'),
  reasons: texts('Why the service counts as changed.'),
  files: field(z.array(file), 'The files of its folder that differ.'),
  moreFiles: flag('Whether more differ than are told.'),
  compose: field(
    z.nullable(
      z.object({
        isNew: flag('Whether the service did not go to this target before.'),
        stateful: texts('What of it concerns data that the service keeps; sentences.'),
        diff: text('The hunks of a unified diff, without secrets.'),
      }),
    ),
    'How its resolved configuration differs; null when it does not, or has none.',
  ),
  uncompared: text('Why the configuration could not be compared; empty where it was.'),
  images: field(z.array(image), 'The images that differ.'),
  env: field(
    z.object({
      added: texts('New names.'),
      removed: texts('Names that are gone.'),
      changed: texts('Names with another value.'),
    }),
    'The variables of its `env`.',
  ),
  secrets: field(
    z.object({
      added: texts('New names.'),
      removed: texts('Names that are gone.'),
      rotated: field(
        z.nullable(z.boolean()),
        'Whether the values are others than those of the release; null when not all of them were given.',
      ),
    }),
    'Its secrets; never a value.',
  ),
  drift: texts('In what way what runs is not what was released.'),
});
export type DiffOutput = z.infer<typeof diffOutput>;
