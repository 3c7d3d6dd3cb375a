import * as z from 'zod/mini';

const shortSyntax = /^(?:(?:\[[^\]]+\]|[^:[\]\s]+):)?(?:\d+(?:-\d+)?)?:?\d+(?:-\d+)?(?:\/(?:tcp|udp))?$/;

/** `8081:80`, also with an address, a range, a protocol, or variables of the service's `env`. */
function isShortSyntax(text: string): boolean {
  const filledIn = text.replace(/\$(?:\w+|\{[^{}]*\})/g, '1');
  const numbers = filledIn.replace(/^\[[^\]]*\]|^[^:]*\.[^:]*/, '').match(/\d+/g) ?? [];
  return shortSyntax.test(filledIn) && numbers.every((it) => Number(it) >= 0 && Number(it) <= 65_535);
}

const number = z.number().check(
  z.refine((it) => Number.isInteger(it) && it >= 1 && it <= 65_535, {
    error: 'is not a port between 1 and 65535',
  }),
);

/** An entry of a compose service's `ports`, in the short or the long form that compose knows. */
export const publishedPort = z.union(
  [
    number,
    z.string().check(
      z.refine(isShortSyntax, {
        error: 'is not a published port; write for example "8081:80" or "127.0.0.1:8081:80/tcp"',
      }),
    ),
    z.strictObject({
      name: z.optional(z.string()),
      target: z.union([number, z.string()]),
      published: z.optional(z.union([number, z.string()])),
      host_ip: z.optional(z.string()),
      protocol: z.optional(z.string()),
      app_protocol: z.optional(z.string()),
      mode: z.optional(z.string()),
    }),
  ],
  { error: 'is not a published port; write for example "8081:80" or "127.0.0.1:8081:80/tcp"' },
);
export type PublishedPortSetting = z.infer<typeof publishedPort>;
