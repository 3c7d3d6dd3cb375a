import { LaunchError, type Place } from './errors.ts';

const servicePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A service's or target's name; safe as a folder, a label, a compose project and part of a branch name. */
export function isName(name: string): boolean {
  return servicePattern.test(name);
}

/** @throws LaunchError CONFIG_INVALID when `name` can't be a service's name. */
export function assertServiceName(name: string, place?: Place): void {
  if (isName(name)) return;
  throw new LaunchError('CONFIG_INVALID', `"${printable(name)}" is not a valid service name.`, {
    ...(place === undefined ? {} : { place }),
    remedy:
      'Use 1 to 63 characters: lower-case letters, digits and hyphens, starting with a letter or digit.',
  });
}

/** A foreign string made safe to stand in a log line: control characters escaped, length bounded. */
export function printable(text: string, limit = 200): string {
  const escaped = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return escaped.length > limit ? `${escaped.slice(0, limit)}…` : escaped;
}
