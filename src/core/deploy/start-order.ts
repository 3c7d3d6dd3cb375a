/** What of a container decides when it starts. */
export interface Startable {
  readonly service: string;
  /** Compose's label: `db:service_healthy:false,cache:service_started:true`. */
  readonly dependsOn: string;
}

/** The same, dependencies first; a circle, which compose does not allow, is cut anywhere. */
export function startOrder<T extends Startable>(containers: readonly T[]): T[] {
  const byService = Map.groupBy(containers, (container) => container.service);
  const ordered = new Set<T>();
  const seen = new Set<string>();
  const visit = (service: string) => {
    if (seen.has(service)) return;
    seen.add(service);
    const own = byService.get(service) ?? [];
    for (const container of own) {
      for (const dependency of container.dependsOn.split(',')) visit(dependency.split(':')[0] ?? '');
    }
    for (const container of own) ordered.add(container);
  };
  for (const service of byService.keys()) visit(service);
  return [...ordered];
}

/** The same in groups to stop one after the other: what needs others goes before them. */
export function stopOrder<T extends Startable>(containers: readonly T[]): T[][] {
  const levels = new Map<string, number>();
  const backwards = [...new Set(startOrder(containers).map(({ service }) => service))].reverse();
  for (const service of backwards) {
    const level = levels.get(service) ?? 0;
    levels.set(service, level);
    for (const container of containers.filter((it) => it.service === service)) {
      for (const part of container.dependsOn.split(',')) {
        const needed = part.split(':')[0] ?? '';
        levels.set(needed, Math.max(levels.get(needed) ?? 0, level + 1));
      }
    }
  }
  const groups = Map.groupBy(containers, ({ service }) => levels.get(service) ?? 0);
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}
