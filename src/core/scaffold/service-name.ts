import { isName } from '../names.ts';

/** The valid name that is nearest to what somebody typed; undefined when nothing of it can be kept. */
export function suggestName(typed: string): string | undefined {
  const name = typed
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return isName(name) ? name : undefined;
}

/** Why `typed` can't be a service's name, with what could; undefined when it can. */
export function wrongName(typed: string): string | undefined {
  if (isName(typed)) return undefined;
  const guess = suggestName(typed);
  const hint = guess === undefined ? '' : ` For example: ${guess}`;
  return `A name has 1 to 63 lower-case letters, digits and hyphens, and starts with a letter or digit.${hint}`;
}
