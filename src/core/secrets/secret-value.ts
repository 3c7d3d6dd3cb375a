/**
 * The value of a secret out of those that were given: with the target's prefix before its name, else without. An
 * empty value counts as missing, because that is what GitHub gives for a secret that is not set.
 */
export function secretValue(
  name: string,
  prefix: string | undefined,
  given: ReadonlyMap<string, string>,
): string | undefined {
  return given.get(`${prefix ?? ''}${name}`) || given.get(name) || undefined;
}
