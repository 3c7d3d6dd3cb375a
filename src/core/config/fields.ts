import * as z from 'zod/mini';
import { isName } from '../names.ts';
import { parseDuration } from './duration.ts';

/** A duration of the configuration, given as `30s`, `2m`, `500ms` or `1h`; in milliseconds after parsing. */
export const duration = z.pipe(
  z.string().check(
    z.refine((text) => parseDuration(text) !== undefined, {
      error: 'is not a duration; write for example 30s, 2m or 500ms (at most 24h)',
    }),
  ),
  z.transform((text) => parseDuration(text) ?? 0),
);

export const name = z.string().check(
  z.refine(isName, {
    error:
      'is not a valid name; use lower-case letters, digits and hyphens, at most 63, not starting with a hyphen',
  }),
);

export const secretName = z.string().check(
  z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, {
    error: 'is not a valid secret name; use letters, digits and underscores, not starting with a digit',
  }),
);

export const envName = z.string().check(
  z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
    error: 'is not a valid environment variable name; use letters, digits and underscores',
  }),
);

/** Where relative parts of a path may lead is checked where it is resolved; here only what no path may hold. */
export const path = z.string().check(
  z.minLength(1, { error: 'is empty' }),
  z.refine((text) => !text.includes('\0') && !text.startsWith('/'), {
    error: 'must be relative to the service folder, without a leading slash',
  }),
);

export const port = z.number().check(
  z.refine((n) => Number.isInteger(n) && n >= 1 && n <= 65_535, {
    error: 'is not a port between 1 and 65535',
  }),
);

export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]+\S*$/.test(text) && URL.canParse(text);
}

export const httpUrl = z.string().check(z.refine(isHttpUrl, { error: 'is not an http:// or https:// URL' }));

export const driverNames = ['compose', 'script', 'worker'] as const;
export const driver = z.enum(driverNames);
export type DriverName = z.infer<typeof driver>;
