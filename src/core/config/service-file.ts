import * as z from 'zod/mini';
import { driver, duration, envName, httpUrl, name, path, port, secretName } from './fields.ts';
import { healthCheck } from './health-check.ts';

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

/** `services/<name>/service.yml`, as written by a user. */
export const serviceFile = z
  .strictObject({
    enabled: z._default(z.boolean(), true),
    target: z.optional(name),
    targets: z.optional(z.array(name).check(z.minLength(1, { error: 'is empty; name at least one target' }))),
    driver: z.optional(driver),
    strategy: z._default(z.enum(['recreate', 'rolling', 'blue-green']), 'recreate'),
    drain: z._default(duration, 30_000),
    steady: z.optional(duration),
    stateful: z._default(z.array(z.string()), []),
    route: z.optional(
      z.strictObject({
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
      }),
    ),
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
