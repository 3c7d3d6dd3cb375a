import type { YamlPath } from '../config/yaml-source.ts';
import type { Problem } from '../problem.ts';
import { overrideOf, settingsOn } from '../project/target-settings.ts';
import type { ServiceSources } from './service-sources.ts';

/** The service as its targets have it, once for each that differs; otherwise as it is. */
export function perTarget<T extends ServiceSources>(service: T): T[] {
  const { settings } = service;
  const targets = settings?.targets;
  if (settings === undefined || targets === undefined || Array.isArray(targets)) return [service];
  const names = Object.keys(targets);
  const isPlain = (name: string) => Object.keys(overrideOf(settings, name) ?? {}).length === 0;
  const plain = names.filter(isPlain);
  const different = names
    .filter((name) => !isPlain(name))
    .map((name) => ({
      ...service,
      settings: settingsOn(settings, name),
      env: { ...service.env, ...overrideOf(settings, name)?.env },
      onTargets: [name],
    }));
  return [...(plain.length === 0 ? [] : [{ ...service, onTargets: plain }]), ...different];
}

/** Whether the settings hold on the target. */
export function holdsOn({ onTargets }: ServiceSources, target: string): boolean {
  return onTargets?.includes(target) ?? true;
}

/** What `find` has to say of each target, once; what does not hold for all of them says for which. */
export function onEveryTarget<T extends ServiceSources>(
  service: T,
  find: (service: T) => readonly Problem[],
): Problem[] {
  const variants = perTarget(service);
  if (variants.length === 1) return variants.flatMap(find);
  const count = variants.flatMap(({ onTargets }) => onTargets ?? []).length;
  const found = new Map<string, { readonly problem: Problem; readonly targets: string[] }>();
  for (const variant of variants) {
    for (const problem of find(variant)) {
      const key = JSON.stringify([problem.rule, problem.message, problem.place]);
      const known = found.get(key) ?? { problem, targets: [] };
      known.targets.push(...(variant.onTargets ?? []));
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ problem, targets }) => {
    if (targets.length === count) return problem;
    const where = targets.map((target) => `"${target}"`).join(', ');
    return { ...problem, message: problem.message.replace(/\.$/, ` (on ${where}).`) };
  });
}

/** The line of a setting: of the one that holds on the target, when the service is looked at as that has it. */
export function placeIn(service: ServiceSources, path: YamlPath): Problem['place'] {
  return service.manifest?.placeOf(writtenAt(service, path)) ?? { file: service.manifestPath, line: 1 };
}

function writtenAt({ settings, onTargets = [] }: ServiceSources, path: YamlPath): YamlPath {
  const [target] = onTargets;
  if (settings === undefined || target === undefined) return path;
  const [key, name] = path;
  const override = overrideOf(settings, target);
  const said = Object.entries(override ?? {}).find(([it]) => it === key)?.[1];
  if (said === undefined) return path;
  // Only `env` is merged: a variable may be the service's own.
  const isElsewhere = key === 'env' && name !== undefined && !Object.hasOwn(override?.env ?? {}, name);
  return isElsewhere ? path : ['targets', target, ...path];
}
