import type { LaunchFile } from '../config/launch-file.ts';
import type { ServiceFile } from '../config/service-file.ts';
import { manifestPath, type ServiceFolder } from '../project/discover.ts';
import { joinPath } from '../project/view.ts';
import { compilePattern, type PathPattern } from './pattern.ts';

/** What of a service's settings says which files it is made of. */
export type FileSettings = Pick<ServiceFile, 'ignore' | 'inputs'>;

/** Whether a path, relative to the top of the repository, is a file of the service whose change is ignored. */
export type IsIgnored = (path: string) => boolean;

/**
 * The `ignore` patterns of a service. Its manifest and target.txt are never ignored: they are its settings,
 * and `ignore: ["*.yml"]` is not meant to hide those.
 *
 * @throws LaunchError CONFIG_INVALID for a pattern that leaves the repository.
 */
export function ignoredOf(folder: ServiceFolder, settings: FileSettings): IsIgnored | undefined {
  if (settings.ignore.length === 0) return undefined;
  const place = { file: manifestPath(folder) };
  const patterns = settings.ignore.map((glob) => compilePattern(glob, folder.contentPath, place));
  const kept = new Set([place.file, joinPath(folder.contentPath, 'target.txt')]);
  return (path) => !kept.has(path) && patterns.some((pattern) => pattern.matches(path));
}

/** The `inputs` of a service. @throws LaunchError CONFIG_INVALID for one that leaves the repository. */
export function inputPatterns(folder: ServiceFolder, settings: FileSettings): PathPattern[] {
  const place = { file: manifestPath(folder) };
  return settings.inputs.map((glob) => compilePattern(glob, folder.contentPath, place));
}

export interface SharedPatterns {
  readonly patterns: readonly PathPattern[];
  /** Whether a change there is a change of this service. */
  concerns(service: string): boolean;
}

/** The `shared` entries of launch.yml; their paths are relative to the project's root. */
export function sharedPatterns(config: LaunchFile, root: string, configPath: string): SharedPatterns[] {
  return config.shared.map((entry) => ({
    patterns: entry.paths.map((glob) => compilePattern(glob, root, { file: configPath })),
    concerns: (service) => entry.services === '*' || entry.services.includes(service),
  }));
}
