import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';

/**
 * A path of the API from foreign names, each of them one part of it: apiPath`/accounts/${id}/r2/buckets/${name}`.
 *
 * @throws LaunchError CONFIG_INVALID for a name that would lead elsewhere, as `..` does
 */
export function apiPath(texts: TemplateStringsArray, ...names: readonly string[]): string {
  return texts.reduce((path, text, at) => {
    const name = names[at];
    return name === undefined ? path + text : path + text + pathPart(name);
  }, '');
}

/** One name as a part of a path. A URL resolves `.` and `..` however they are written. */
export function pathPart(name: string): string {
  if (name !== '' && name !== '.' && name !== '..') return encodeURIComponent(name);
  throw new LaunchError(
    'CONFIG_INVALID',
    `"${printable(name)}" can't be part of an address of Cloudflare's API.`,
    {
      remedy: 'Give it another name.',
    },
  );
}
