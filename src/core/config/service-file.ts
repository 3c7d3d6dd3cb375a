import * as z from 'zod/mini';
import { isHeader, parseBody, parseStatus } from '../health/expectation.ts';
import { driver, duration, envName, httpUrl, name, path, port, secretName } from './fields.ts';

const healthTiming = {
  timeout: z.optional(duration),
  interval: z.optional(duration),
  successes: z.optional(
    z.number().check(
      z.refine((n) => Number.isInteger(n) && n >= 1 && n <= 100, {
        error: 'is not a whole number between 1 and 100',
      }),
    ),
  ),
};

const status = z.union(
  [
    z
      .number()
      .check(
        z.refine((n) => Number.isInteger(n) && n >= 100 && n <= 599, { error: 'is not an HTTP status' }),
      ),
    z.string().check(
      z.refine((text) => parseStatus(text) !== undefined, {
        error: 'is not an HTTP status, a range such as 200-299, or a family such as 2xx',
      }),
    ),
  ],
  { error: 'is not an HTTP status, a range such as 200-299, or a family such as 2xx' },
);

/** A text, or a regular expression between slashes. */
const textOrPattern = z.string().check(
  z.refine((text) => parseBody(text) !== undefined, {
    error: 'is empty, or not a valid regular expression between slashes',
  }),
);

const headers = z.record(z.string(), z.string()).check(
  z.refine((all) => Object.entries(all).every(([name, value]) => isHeader(name, value)), {
    error: 'has a header name or value that HTTP does not allow',
  }),
);

/** An IPv6 address stands in brackets. */
function isHostAndPort(text: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

/** One health check; exactly one of http, tcp, command and container. */
export const healthCheck = z
  .strictObject({
    http: z.optional(httpUrl),
    tcp: z.optional(
      z
        .string()
        .check(z.refine(isHostAndPort, { error: 'is not host:port, with a port between 1 and 65535' })),
    ),
    command: z.optional(
      z.union([z.string().check(z.minLength(1)), z.array(z.string()).check(z.minLength(1))]),
    ),
    container: z.optional(z.string().check(z.minLength(1))),
    status: z.optional(z.union([status, z.array(status).check(z.minLength(1))])),
    body: z.optional(textOrPattern),
    headers: z.optional(headers),
    'expect-headers': z.optional(headers),
    ...healthTiming,
  })
  .check(
    z.refine(
      (check) =>
        [check.http, check.tcp, check.command, check.container].filter((kind) => kind !== undefined)
          .length === 1,
      { error: 'must have exactly one of http, tcp, command or container' },
    ),
    z.refine(
      (check) =>
        check.http !== undefined ||
        (check.status === undefined &&
          check.body === undefined &&
          check.headers === undefined &&
          check['expect-headers'] === undefined),
      { error: 'has status, body, headers or expect-headers, which only an http check can use' },
    ),
  );
export type HealthCheckSetting = z.infer<typeof healthCheck>;

/** `services/<name>/service.yml`, as written by a user. */
export const serviceFile = z
  .strictObject({
    enabled: z._default(z.boolean(), true),
    target: z.optional(name),
    targets: z.optional(z.array(name).check(z.minLength(1, { error: 'is empty; name at least one target' }))),
    driver: z.optional(driver),
    strategy: z._default(z.enum(['recreate', 'rolling', 'blue-green']), 'recreate'),
    drain: z._default(duration, 30_000),
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
    env: z._default(
      z.record(
        envName,
        z.pipe(
          z.union([z.string(), z.number(), z.boolean()]),
          z.transform((value) => String(value)),
        ),
      ),
      {},
    ),
    health: z._default(z.array(healthCheck), []),
    hooks: z._default(
      z.strictObject({
        build: z.optional(path),
        'pre-deploy': z.optional(path),
        'post-deploy': z.optional(path),
      }),
      {},
    ),
    'on-delete': z._default(z.enum(['report', 'stop']), 'report'),
  })
  .check(
    z.refine((file) => file.target === undefined || file.targets === undefined, {
      error: 'has both target and targets; keep one of them',
    }),
  );

export type ServiceFile = z.infer<typeof serviceFile>;
