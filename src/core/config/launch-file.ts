import * as z from 'zod/mini';
import { parsePortRange } from '../compose/port-range.ts';
import { driver, name, secretName } from './fields.ts';

const label = z.string().check(z.minLength(1, { error: 'is an empty runner label' }));

/** A group of runners, some labels that one of them must have, or both. */
export const runnerGroup = z
  .strictObject({ group: z.optional(z.string()), labels: z.optional(z.union([label, z.array(label)])) })
  .check(
    z.refine((it) => it.group !== undefined || it.labels !== undefined, {
      error: 'needs a group, labels, or both',
    }),
  );

/** As GitHub takes it: one label, a list, or a runner group with labels. */
export const runsOn = z.union(
  [label, z.array(label).check(z.minLength(1, { error: 'is an empty list of runner labels' })), runnerGroup],
  { error: 'is not a runner label, a list of labels, or {group, labels}' },
);
export type RunsOn = z.infer<typeof runsOn>;

const target = z.strictObject({
  'runs-on': runsOn,
  host: z.optional(
    z.string().check(z.regex(/^[A-Za-z0-9.:_-]+$/, { error: 'is not a host name or an IP address' })),
  ),
  environment: z.optional(z.string().check(z.minLength(1))),
  'secret-prefix': z.optional(secretName),
  driver: z.optional(driver),
  /** Of which each service gets one, as LAUNCH_PORT. */
  'port-range': z.optional(
    z.string().check(
      z.refine((text) => parsePortRange(text) !== undefined, {
        error: 'is not a range of ports such as 20000-29999, without 22, 80 and 443',
      }),
    ),
  ),
  /** Reserved ports that services of this target may publish all the same. */
  'allowed-ports': z.optional(
    z.array(
      z.number().check(
        z.refine((n) => Number.isInteger(n) && n >= 1 && n <= 65_535, {
          error: 'is not a port between 1 and 65535',
        }),
      ),
    ),
  ),
});
export type TargetSetting = z.infer<typeof target>;

function globs() {
  return z.array(z.string().check(z.minLength(1))).check(z.minLength(1, { error: 'is an empty list' }));
}

function makeRegistry() {
  return z.strictObject({
    host: z.string().check(z.minLength(1)),
    username: z.string().check(z.minLength(1)),
    'password-secret': secretName,
  });
}

function makeSharedRule() {
  return z.strictObject({
    paths: globs(),
    services: z.union([z.literal('*'), z.array(name).check(z.minLength(1))]),
  });
}

/** `launch.yml` at the repository root, as written by a user. */
export const launchFile = z.strictObject({
  services: z._default(
    z.lazy(() => z.union([z.string().check(z.minLength(1)), globs()])),
    'services/*',
  ),
  targets: z._default(z.record(name, target), {}),
  defaults: z._default(
    z.lazy(() => z.strictObject({ target: z.optional(name) })),
    {},
  ),
  registries: z._default(z.array(z.lazy(makeRegistry)), []),
  shared: z._default(z.array(z.lazy(makeSharedRule)), []),
});

export type LaunchFile = z.infer<typeof launchFile>;
