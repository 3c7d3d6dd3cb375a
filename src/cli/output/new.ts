import * as z from 'zod/mini';
import { field, flag, service, text, textOrNull, texts } from './fields.ts';

const portOrNull = (meaning: string) => field(z.nullable(z.int()), meaning);

const made = {
  service,
  template: text('What it is made from.'),
  folder: text('The folder of the service, from the top of the repository.'),
  target: textOrNull('Where it goes; null when the repository declares no target.'),
  addedTarget: textOrNull('The target that launch.yml declares for it now; null when none was missing.'),
  port: portOrNull('The port of the host that it publishes; null when it publishes none.'),
  secrets: texts('The names of the secrets that it needs.'),
  files: texts('What was written, or would be: paths from the top of the repository.'),
};

export const newServiceFields = z.object(made);

export const newOutput = z.object({
  ...made,
  dryRun: flag('Whether nothing was written.'),
});
export type NewOutput = z.infer<typeof newOutput>;

export const newListOutput = z.object({
  templates: field(
    z.array(
      z.object({
        name: text('The name of the template.'),
        description: text('What it is.'),
        driver: field(z.enum(['compose', 'script', 'worker']), 'How its services are deployed.'),
        port: portOrNull('The port of the host that its services publish, where it is free; null for none.'),
      }),
    ),
    'What a service can be made from.',
  ),
});
export type NewListOutput = z.infer<typeof newListOutput>;
