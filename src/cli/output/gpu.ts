import * as z from 'zod/mini';
import { gpuOperations } from '../../core/gpu/settings.ts';
import { errorOrNull } from './error.ts';
import { count, durationMs, field, flag, text, textOrNull, texts } from './fields.ts';

const dollars = (meaning: string) => field(z.nullable(z.number()), meaning);

const instance = z.object({
  id: count('Its number at Linode.'),
  label: text('What it is called.'),
  status: text('What Linode says of it, such as running.'),
  type: text("Linode's id of its type."),
  region: text("Linode's id of its region."),
  ipv4: textOrNull('Its public address; null when it has none yet.'),
  hourlyCost: dollars('US dollars an hour; null when the price is not known.'),
  costSoFar: dollars(
    'US dollars since it was made, each hour begun counted; null when the price is not known.',
  ),
  created: text('When it was made: ISO 8601, UTC; empty when that is not known.'),
  deleteAfter: textOrNull('From when on `reap` deletes it: ISO 8601, UTC; null: never by itself.'),
  uiUrl: textOrNull('The address of the chat; null without a public address.'),
  apiUrl: textOrNull('The address of the API; null without a public address.'),
});

const result = {
  created: flag('Whether this run has made it.'),
  instance: field(
    z.nullable(instance),
    'The instance; null when there is none, or when it is about several.',
  ),
  instances: field(z.array(instance), 'Of a list, or what `reap` deletes.'),
  request: field(
    z.nullable(z.record(z.string(), z.unknown())),
    'Of a dry run of ensure: what would be sent to Linode, without secrets; null otherwise.',
  ),
  notices: texts('What a person should know beside.'),
  durationMs,
  failure: errorOrNull,
};

const operation = <const Name extends string>(name: Name) => field(z.literal(name), 'What was asked for.');

export const gpuEnsureOutput = z.object({
  operation: operation('ensure'),
  status: field(z.string(), 'created; adopted: it was there; planned: with --dry-run; failed.'),
  ...result,
});

export const gpuStatusOutput = z.object({
  operation: operation('status'),
  status: text('What Linode says of it, such as running; absent: there is none; listed: of all.'),
  ...result,
});

export const gpuDeleteOutput = z.object({
  operation: operation('delete'),
  status: text('deleted; absent: there is none; planned: with --dry-run; failed.'),
  ...result,
});

export const gpuReapOutput = z.object({
  operation: operation('reap'),
  status: text('reaped; nothing: none is past its time; planned: with --dry-run; failed.'),
  ...result,
});

export const gpuCheckOutput = z.object({
  host: text('Where the services are.'),
  ok: flag('Whether all is as it should be.'),
  checks: field(
    z.array(
      z.object({
        name: text('What was asked.'),
        url: text('Where.'),
        ok: flag('Whether it answered as it should.'),
        detail: text('What came, for people.'),
      }),
    ),
    'What was asked from outside.',
  ),
});
export type GpuCheckOutput = z.infer<typeof gpuCheckOutput>;

const anyGpuOutput = z.object({ operation: z.enum(gpuOperations), status: z.string(), ...result });
/** Of any operation but check. */
export type GpuOutput = z.infer<typeof anyGpuOutput>;
