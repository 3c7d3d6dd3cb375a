import * as z from 'zod/mini';
import { tunnelOperations } from '../../core/cloudflare/tunnel/result.ts';
import { errorCode } from './error.ts';
import { field, flag, optionalText, text, texts, url } from './fields.ts';

const result = {
  name: text('The name of the tunnel.'),
  tunnelId: optionalText('Its id at Cloudflare; not there when there is no tunnel.'),
  hostname: optionalText('The hostname that was asked for, where one was.'),
  url,
  ready: flag('Whether a connector is connected to Cloudflare: that of this machine, where it has one.'),
  changes: texts('What was done, or would be, in a clause each.'),
  left: texts('What `remove` has left, in a clause each that says why.'),
  notices: texts('What is worth knowing all the same.'),
  routes: field(
    z.array(
      z.object({
        hostname: text('The public hostname.'),
        service: text('Where its requests go.'),
        dns: field(
          z.enum(['launch', 'other', 'missing', 'unknown']),
          'Its DNS record: by Launch, by somebody else, or not there; unknown where it could not be asked for.',
        ),
      }),
    ),
    'Where the hostnames of the tunnel lead.',
  ),
  connector: z.optional(
    field(
      z.object({
        kind: field(z.enum(['compose', 'systemd']), 'How it runs.'),
        name: text('The name of its project or unit.'),
        isRunning: flag('Whether it runs.'),
      }),
      'cloudflared on this machine; not there when there is none.',
    ),
  ),
  failure: z.optional(
    field(
      z.object({
        code: errorCode,
        reason: text('What happened, as a sentence.'),
        remedy: text('What to do next, as a sentence.'),
        lines: texts('The last that cloudflared printed.'),
      }),
      'Why it failed; not there when it did not.',
    ),
  ),
};

export const tunnelUpOutput = z.object({
  operation: field(z.literal('ensure'), 'What was asked for.'),
  status: field(z.enum(['created', 'updated', 'unchanged', 'failed', 'planned']), 'planned: with --dry-run.'),
  ...result,
});

export const tunnelStatusOutput = z.object({
  operation: field(z.literal('status'), 'What was asked for.'),
  status: field(
    z.enum(['healthy', 'degraded', 'down', 'inactive', 'absent']),
    'As Cloudflare calls it; absent: there is no such tunnel.',
  ),
  ...result,
});

export const tunnelRemoveOutput = z.object({
  operation: field(z.literal('remove'), 'What was asked for.'),
  status: field(
    z.enum(['removed', 'kept', 'absent', 'planned', 'failed']),
    'kept: something is left; see left. planned: with --dry-run.',
  ),
  ...result,
});

const anyTunnelOutput = z.object({
  operation: z.enum(tunnelOperations),
  status: z.enum([
    ...tunnelUpOutput.shape.status.options,
    ...tunnelStatusOutput.shape.status.options,
    ...tunnelRemoveOutput.shape.status.options,
  ]),
  ...result,
});
/** Of any of them. */
export type TunnelOutput = z.infer<typeof anyTunnelOutput>;
