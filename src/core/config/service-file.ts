import * as z from 'zod/mini';
import { driver, duration, envName, httpUrl, name, path, port, secretName } from './fields.ts';
import { healthCheck } from './health-check.ts';
import { publishedPort } from './published-port.ts';

// Parts that few files have are made on first use (`z.lazy`): to build a schema takes longer than to check a
// file against it, and whatever reads a configuration pays for it when it starts.

function makeEnv() {
  return z.record(
    envName,
    z.pipe(
      z.union([z.string(), z.number(), z.boolean()]),
      z.transform((value) => String(value)),
    ),
  );
}

function makeHooks() {
  return z.strictObject({
    build: z.optional(path),
    'pre-deploy': z.optional(path),
    'post-deploy': z.optional(path),
  });
}

const strategy = z.enum(['recreate', 'rolling', 'blue-green']);

const route = z.strictObject({
  host: z.string().check(z.regex(/^[A-Za-z0-9.*-]+$/, { error: 'is not a host name' })),
  path: z._default(
    z.string().check(
      z.startsWith('/', { error: 'must start with /' }),
      z.refine((text) => !/[\s?#*{}]/.test(text), {
        error: 'has a character that no path of a route has',
      }),
    ),
    '/',
  ),
  port,
  /** The compose service whose containers they are; needed where several could be meant. */
  service: z.optional(z.string().check(z.minLength(1))),
});

/** What differs on one target. `env` adds to that of the service, everything else replaces what it says. */
function makeTargetOverride() {
  return z.strictObject({
    env: z.optional(makeEnv()),
    health: z.optional(z.array(healthCheck)),
    url: z.optional(httpUrl),
    route: z.optional(route),
    /** Compose service → what it publishes there, in place of what its compose file says. */
    ports: z.optional(z.record(z.string().check(z.minLength(1)), z.array(publishedPort))),
    strategy: z.optional(strategy),
    steady: z.optional(duration),
    drain: z.optional(duration),
  });
}

export type TargetOverride = z.infer<ReturnType<typeof makeTargetOverride>>;

/** Names, or names with what differs there; `homelab:` with nothing behind it is a target like any other. */
function makeTargets() {
  return z.union([
    z.array(name).check(z.minLength(1, { error: 'is empty; name at least one target' })),
    z.record(name, z.nullable(makeTargetOverride())).check(
      z.refine((targets) => Object.keys(targets).length > 0, {
        error: 'is empty; name at least one target',
      }),
    ),
  ]);
}

/** `services/<name>/service.yml`, as written by a user. */
export const serviceFile = z
  .strictObject({
    enabled: z._default(z.boolean(), true),
    target: z.optional(name),
    targets: z.optional(z.lazy(makeTargets)),
    driver: z.optional(driver),
    strategy: z._default(strategy, 'recreate'),
    drain: z._default(duration, 30_000),
    steady: z.optional(duration),
    stateful: z._default(z.array(z.string()), []),
    route: z.optional(route),
    url: z.optional(httpUrl),
    'depends-on': z._default(z.array(name), []),
    inputs: z._default(z.array(path), []),
    ignore: z._default(z.array(path), []),
    secrets: z._default(z.array(secretName), []),
    env: z._default(z.lazy(makeEnv), {}),
    health: z._default(z.array(healthCheck), []),
    hooks: z._default(z.lazy(makeHooks), {}),
    'on-delete': z._default(z.enum(['report', 'stop']), 'report'),
  })
  .check(
    z.refine((file) => file.target === undefined || file.targets === undefined, {
      error: 'has both target and targets; keep one of them',
    }),
  );

export type ServiceFile = z.infer<typeof serviceFile>;
