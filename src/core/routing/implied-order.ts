import type { Dependent } from './waves.ts';

/**
 * The services with what they need beside their `depends-on`. Two that need each other are no mistake, as long as
 * nobody has written down an order: an implied one that would close a circle is left out.
 */
export function withImplied(
  services: readonly Dependent[],
  implied: ReadonlyMap<string, Iterable<string>>,
): Dependent[] {
  const needs = new Map(services.map(({ name, dependsOn }) => [name, new Set(dependsOn)]));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(needs.get(from) ?? [])].some((next) => reaches(next, to, seen));
  };
  // In the order of the names, so that every machine comes to the same.
  for (const name of [...implied.keys()].sort()) {
    for (const other of [...(implied.get(name) ?? [])].sort()) {
      if (needs.has(other) && !reaches(other, name)) needs.get(name)?.add(other);
    }
  }
  return services.map((service) => ({ ...service, dependsOn: [...(needs.get(service.name) ?? [])] }));
}
