import * as z from 'zod/mini';
import { errorOrNull } from './error.ts';
import { durationMs, field, flag, optionalText, text, texts } from './fields.ts';
import { workerResult } from './worker.ts';

const result = {
  instanceId: text('The id of the instance.'),
  organisation: optionalText('The organisation whose instance it is, where that is known.'),
  urls: field(z.record(z.string(), z.string()), 'By service, where its worker answers.'),
  resources: field(
    z.array(
      z.object({
        kind: field(
          z.enum(['database', 'migration', 'row', 'bucket', 'namespace', 'worker']),
          'What kind of thing it is.',
        ),
        name: text('Its name.'),
        state: field(
          z.enum([
            ...(['made', 'updated', 'unchanged', 'failed', 'deleted', 'kept', 'there', 'missing'] as const),
            ...(['to make', 'to update', 'to delete'] as const),
          ]),
          'What became of it, or would; there and missing: what status finds.',
        ),
        note: optionalText('Why, where that has to be said.'),
      }),
    ),
    'Everything that the instance is made of.',
  ),
  workers: field(z.array(workerResult), 'What became of each worker.'),
  notices: texts('What a person should know beside.'),
  durationMs,
  failure: errorOrNull,
};

const deployStatus = z.enum(['deployed', 'unchanged', 'failed', 'planned']);

export const instanceDeployOutput = z.object({
  operation: field(z.literal('deploy'), 'What was asked for.'),
  status: field(deployStatus, 'failed: the next run finishes it. planned: with --dry-run.'),
  ...result,
});

export const instanceDestroyOutput = z.object({
  operation: field(z.literal('destroy'), 'What was asked for.'),
  status: field(z.enum(['destroyed', 'absent', 'failed', 'planned']), 'planned: without --confirm.'),
  ...result,
});

export const instanceStatusOutput = z.object({
  operation: field(z.literal('status'), 'What was asked for.'),
  status: field(
    z.enum(['ready', 'incomplete', 'absent', 'failed']),
    'incomplete: something of it is missing.',
  ),
  ...result,
});

const file = text("The instance's file, from the top of the checkout.");

const notBegun = z.object({
  file,
  status: field(z.literal('failed'), 'Nothing of it was begun.'),
  failure: errorOrNull,
});

export const instanceDeployAllOutput = z.array(
  z.union([z.object({ file, ...instanceDeployOutput.shape }), notBegun]),
);

export const instanceListOutput = z.array(
  z.object({
    id: text('The id of the instance.'),
    organisation: text('The organisation whose instance it is.'),
    name: text('What it is called.'),
    environment: optionalText('The GitHub environment, where that is known.'),
    hasFile: flag('Whether the checkout has a file for it.'),
    hasRow: flag('Whether its database has a row for it.'),
    urls: field(z.record(z.string(), z.string()), 'By service, where its worker answers.'),
    problem: optionalText('Why its file can not be read; not there when it can.'),
  }),
);
export type InstanceListOutput = z.infer<typeof instanceListOutput>;

const anyInstanceOutput = z.object({
  operation: z.enum(['deploy', 'destroy', 'status']),
  status: z.enum([
    ...instanceDeployOutput.shape.status.options,
    ...instanceDestroyOutput.shape.status.options,
    ...instanceStatusOutput.shape.status.options,
  ]),
  ...result,
});
/** Of an operation on one instance. */
export type InstanceOutput = z.infer<typeof anyInstanceOutput>;

const anyOfAll = z.array(z.union([z.object({ file, ...anyInstanceOutput.shape }), notBegun]));
export type InstanceDeployAllOutput = z.infer<typeof anyOfAll>;
