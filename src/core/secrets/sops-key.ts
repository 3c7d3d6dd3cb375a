/** The secret that opens encrypted files: an age key, or several, one a line. Nobody but sops gets it. */
export const sopsKeyName = 'SOPS_AGE_KEY';

/** The key out of what was given, and what is left without it; of a target's own, too. */
export function takeKey(
  given: ReadonlyMap<string, string>,
  prefix: string | undefined,
): {
  readonly key: string | undefined;
  readonly keys: readonly string[];
  readonly rest: ReadonlyMap<string, string>;
} {
  const names = [...new Set([`${prefix ?? ''}${sopsKeyName}`, sopsKeyName])];
  const keys = names.flatMap((name) => given.get(name) || []);
  return { key: keys[0], keys, rest: new Map([...given].filter(([name]) => !names.includes(name))) };
}

/** Whether it may be a key at all; a public key, or half of one, is easily put there by mistake. */
export function looksLikeKey(text: string): boolean {
  return text.split(/\s+/).some((word) => /^AGE-(?:SECRET-KEY|PLUGIN)-/.test(word));
}
