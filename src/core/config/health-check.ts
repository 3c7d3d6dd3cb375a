import * as z from 'zod/mini';
import { isHeader, parseBody, parseStatus } from '../health/expectation.ts';
import { withAnyPort } from '../health/launch-port.ts';
import { duration, isHttpUrl } from './fields.ts';

const makeTiming = () => ({
  timeout: z.optional(duration),
  interval: z.optional(duration),
  successes: z.optional(
    z.number().check(
      z.refine((n) => Number.isInteger(n) && n >= 1 && n <= 100, {
        error: 'is not a whole number between 1 and 100',
      }),
    ),
  ),
});

function makeStatus() {
  return z.union(
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
}

/** A text, or a regular expression between slashes. */
const makeTextOrPattern = () =>
  z.string().check(
    z.refine((text) => parseBody(text) !== undefined, {
      error: 'is empty, or not a valid regular expression between slashes',
    }),
  );

const makeHeaders = () =>
  z.record(z.string(), z.string()).check(
    z.refine((all) => Object.entries(all).every(([name, value]) => isHeader(name, value)), {
      error: 'has a header name or value that HTTP does not allow',
    }),
  );

/** An IPv6 address stands in brackets. */
function isHostAndPort(text: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(withAnyPort(text))?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

/** Of a worker, whose address differs from one environment or instance to the next, a path will do. */
const urlOrPath = z.string().check(
  z.refine((text) => /^\/[^\s/]\S*$|^\/$/.test(text) || isHttpUrl(withAnyPort(text)), {
    error: 'is not an http:// or https:// URL, nor a path such as /health (for a worker)',
  }),
);

/** Made on first use: most files have no health check, and each schema takes its time to build. */
function makeHealthCheck() {
  const status = makeStatus();
  const headers = makeHeaders();
  return z
    .strictObject({
      http: z.optional(urlOrPath),
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
      body: z.optional(makeTextOrPattern()),
      headers: z.optional(headers),
      'expect-headers': z.optional(headers),
      ...makeTiming(),
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
}

/** One health check; exactly one of http, tcp, command and container. */
export const healthCheck = z.lazy(makeHealthCheck);
export type HealthCheckSetting = z.infer<typeof healthCheck>;
