import { type ComposeFile, type ComposeService, listOf, mapOf, textsAt } from '../compose/compose-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';
import { pathProblems } from './reach.ts';
import type { FileList, ServiceSources } from './service-sources.ts';

interface NamedPath {
  readonly text: string;
  readonly path: YamlPath;
  readonly subject: string;
  readonly mustExist: boolean;
  /** An absolute path is one of the host, which is nothing unusual here. */
  readonly mayBeOfHost: boolean;
}

export interface ComposePathFindings {
  readonly problems: readonly Problem[];
  /** Whether it reads files from elsewhere, so that no compose parser should be let loose on it. */
  readonly reachesOut: boolean;
}

/** Where the files lead that a compose file names, and whether they are in a release. */
export function composePathProblems(
  compose: ComposeFile,
  service: ServiceSources,
  files: FileList,
): ComposePathFindings {
  const named = [...included(compose), ...topLevelFiles(compose), ...compose.services.flatMap(namedBy)];
  let reachesOut = false;
  const problems = named.flatMap((it): Problem[] => {
    const place = compose.yaml.placeOfValue(it.path);
    if (isRemote(it.text)) {
      if (!/^(?:An include|The extends)/.test(it.subject)) return [];
      reachesOut = true;
      return [
        {
          rule: 'remote-include',
          severity: 'warning',
          message: `The compose file includes one from elsewhere: "${printable(it.text, 120)}".`,
          remedy: 'Copy it into the repository; Launch neither fetches nor checks it.',
          place,
          service: service.name,
        },
      ];
    }
    // A reference is known only at deployment; a path of the host or of a home folder is the operator's.
    if (it.text.includes('$') || (it.mayBeOfHost && /^[/~]/.test(it.text))) return [];
    const found = pathProblems(service, files, { ...it, relative: it.text, place });
    reachesOut ||= found.some((problem) => problem.rule === 'path-outside-repository');
    return found;
  });
  return { problems, reachesOut };
}

function isRemote(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|oci:|github\.com\/)/i.test(text);
}

function included({ value }: ComposeFile): NamedPath[] {
  const include = mapOf(value)['include'];
  return listOf(include).flatMap((item, index) => {
    const at: YamlPath = ['include', index];
    const texts =
      typeof item === 'string'
        ? [{ text: item, path: at }]
        : ['path', 'project_directory', 'env_file'].flatMap((key) => textsAt(mapOf(item)[key], [...at, key]));
    return texts.map((it) => ({ ...it, subject: 'An include', mustExist: true, mayBeOfHost: false }));
  });
}

function topLevelFiles({ value }: ComposeFile): NamedPath[] {
  return ['configs', 'secrets'].flatMap((kind) =>
    Object.entries(mapOf(mapOf(value)[kind])).flatMap(([key, setting]) =>
      textsAt(mapOf(setting)['file'], [kind, key, 'file']).map((it) => ({
        ...it,
        subject: `The file of ${kind} "${printable(key)}"`,
        mustExist: true,
        mayBeOfHost: true,
      })),
    ),
  );
}

function namedBy({ name, value, path }: ComposeService): NamedPath[] {
  const of = (key: string): string => `The ${key} of "${printable(name)}"`;
  const host = { mustExist: true, mayBeOfHost: true };
  const build = value['build'];
  const context =
    typeof build === 'string'
      ? textsAt(build, [...path, 'build'])
      : textsAt(mapOf(build)['context'], [...path, 'build', 'context']);
  return [
    ...textsAt(mapOf(value['extends'])['file'], [...path, 'extends', 'file']).map((it) => ({
      ...it,
      subject: of('extends'),
      mustExist: true,
      mayBeOfHost: false,
    })),
    ...envFiles(value['env_file'], [...path, 'env_file']).map((it) => ({
      ...it,
      subject: of('env_file'),
      mayBeOfHost: true,
    })),
    ...textsAt(value['label_file'], [...path, 'label_file']).map((it) => ({
      ...it,
      subject: of('label_file'),
      ...host,
    })),
    ...context.map((it) => ({ ...it, subject: of('build context'), ...host })),
    ...bindSources(value['volumes'], [...path, 'volumes']).map((it) => ({
      ...it,
      subject: of('bind mount'),
      mustExist: false,
      mayBeOfHost: true,
    })),
  ];
}

function envFiles(value: unknown, path: YamlPath): { text: string; path: YamlPath; mustExist: boolean }[] {
  return [
    ...textsAt(value, path).map((it) => ({ ...it, mustExist: true })),
    ...listOf(value).flatMap((item, index) =>
      textsAt(mapOf(item)['path'], [...path, index, 'path']).map((it) => ({
        ...it,
        mustExist: mapOf(item)['required'] !== false,
      })),
    ),
  ];
}

/** A relative source of a bind mount; a name alone is a volume. */
function bindSources(value: unknown, path: YamlPath): { text: string; path: YamlPath }[] {
  return listOf(value).flatMap((item, index) => {
    const source =
      typeof item === 'string'
        ? item.includes(':') && item.split(':', 1)[0]
        : mapOf(item)['type'] === 'bind' && mapOf(item)['source'];
    return typeof source === 'string' && /^[./]/.test(source)
      ? [{ text: source, path: [...path, index] }]
      : [];
  });
}
