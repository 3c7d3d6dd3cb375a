import * as z from 'zod/mini';
import { field, flag, text } from './fields.ts';
import { newServiceFields } from './new.ts';

export const initOutput = z.object({
  files: field(
    z.array(
      z.object({
        path: text('From the top of the repository.'),
        status: field(
          z.enum(['written', 'replaced', 'kept']),
          'kept: it was there already, and stays as it is. With a dry run: what would become of it.',
        ),
      }),
    ),
    'What a repository needs.',
  ),
  launch: text('The copy of Launch that the workflows use: owner/name@ref.'),
  workflows: field(z.enum(['reusable', 'standalone']), 'The form of the workflows.'),
  branch: text('The branch whose pushes deploy.'),
  service: field(z.nullable(newServiceFields), 'The first service; null when none was asked for.'),
  dryRun: flag('Whether nothing was written.'),
});
export type InitOutput = z.infer<typeof initOutput>;
