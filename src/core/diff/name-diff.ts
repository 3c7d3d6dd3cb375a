/** How names with values differ; of the values only that they do. All sorted. */
export interface NameDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export function diffNames(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): NameDiff {
  const [old, fresh] = [Object.keys(before).sort(), Object.keys(after).sort()];
  return {
    added: fresh.filter((name) => !Object.hasOwn(before, name)),
    removed: old.filter((name) => !Object.hasOwn(after, name)),
    changed: fresh.filter((name) => Object.hasOwn(before, name) && before[name] !== after[name]),
  };
}
