import type { KeyPath } from '../config/issue-problems.ts';
import { LaunchError, type Place } from '../errors.ts';
import { manifestPath, type ServiceFolder } from './discover.ts';
import { type RepositoryView, readText } from './view.ts';

/**
 * Adds the line to an error that names the service's `service.yml`. The file is read once more for that: only who
 * made a mistake pays for it.
 */
export async function atManifestLine<T>(
  view: RepositoryView,
  folder: ServiceFolder,
  path: KeyPath,
  read: () => T,
): Promise<T> {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LaunchError) || error.place?.file !== manifestPath(folder)) throw error;
    if (error.place.line !== undefined) throw error;
    const { code, summary, remedy, cause } = error;
    throw new LaunchError(code, summary, { place: await manifestPlace(view, folder, path), remedy, cause });
  }
}

/** The line of a key of `service.yml`, or of the deepest part of `path` that is there. */
export async function manifestPlace(
  view: RepositoryView,
  folder: ServiceFolder,
  path: KeyPath,
): Promise<Place> {
  const file = manifestPath(folder);
  const text = await readText(view, file);
  if (text === undefined) return { file };
  const { readYaml } = await import('../config/yaml-source.ts');
  const read = readYaml(text, file);
  return read.ok ? read.yaml.placeOf(path.map((it) => (typeof it === 'number' ? it : String(it)))) : { file };
}
