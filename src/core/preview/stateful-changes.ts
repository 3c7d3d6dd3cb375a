import { mapOf } from '../compose/compose-file.ts';
import type { Tree } from '../compose/resolve-compose.ts';
import { printable } from '../names.ts';

/** Images of programs that keep data in a form of their own version. */
const databases =
  /(?:^|\/)(?:postgres|postgis|pgvector|timescaledb|mysql|mariadb|percona|mongo|mongodb|redis|valkey|keydb|elasticsearch|opensearch|clickhouse[\w-]*|influxdb|cassandra|scylla|neo4j|couchdb|rabbitmq|minio|etcd|cockroach|meilisearch|qdrant|weaviate|milvus)$/;

/**
 * What of a change concerns data that a service keeps: sentences for people. Both states are without secrets, as
 * `hideSecrets` leaves them.
 */
export function statefulChanges(before: Tree, after: Tree, stateful: readonly string[]): string[] {
  return [
    ...projectChange(before, after),
    ...volumeChanges(before, after),
    ...containerChanges(before, after, new Set(stateful)),
  ];
}

function projectChange(before: Tree, after: Tree): string[] {
  const [old, fresh] = [before['name'], after['name']];
  return old === fresh
    ? []
    : [
        `The compose project is called "${text(fresh)}" and was "${text(old)}": its volumes are new ones, and what the old ones hold stays behind.`,
      ];
}

/** Volumes by their own names, which a key alone does not say. */
function volumeChanges(before: Tree, after: Tree): string[] {
  const now = mapOf(after['volumes']);
  return Object.entries(mapOf(before['volumes'])).flatMap(([key, old]) => {
    if (!Object.hasOwn(now, key)) {
      return [`The volume "${text(key)}" is no longer used; what it holds stays on the host.`];
    }
    const [was, is] = [mapOf(old)['name'], mapOf(now[key])['name']];
    return was === is
      ? []
      : [
          `The volume "${text(key)}" is called ${named(is)} and was ${named(was)}: what the old one holds stays behind.`,
        ];
  });
}

function containerChanges(before: Tree, after: Tree, stateful: ReadonlySet<string>): string[] {
  const now = mapOf(after['services']);
  const volumes = new Set(Object.keys(mapOf(before['volumes'])));
  return Object.entries(mapOf(before['services'])).flatMap(([name, old]) => {
    const [was, is] = [mapOf(old), mapOf(now[name])];
    const mounts = namedMounts(was, volumes);
    if (!Object.hasOwn(now, name)) {
      return stateful.has(name) ? [`The stateful "${text(name)}" is no longer part of it.`] : [];
    }
    const kept = namedMounts(is, new Set([...volumes, ...Object.keys(mapOf(after['volumes']))]));
    const moved = [...mounts].filter(([place, volume]) => kept.get(place) !== volume);
    const [image, next] = [was['image'], is['image']];
    const changesImage = image !== next && typeof image === 'string' && typeof next === 'string';
    const isDatabase = changesImage && databases.test(repositoryOf(image));
    return [
      ...moved
        .filter(([, volume]) => Object.hasOwn(mapOf(after['volumes']), volume))
        .map(
          ([place, volume]) =>
            `"${text(name)}" had the volume "${text(volume)}" at ${text(place)}, and no longer has it there.`,
        ),
      ...(isDatabase || (changesImage && stateful.has(name))
        ? [`The image of "${text(name)}", which keeps data, changes from ${text(image)} to ${text(next)}.`]
        : !changesImage && stateful.has(name) && JSON.stringify(was) !== JSON.stringify(is)
          ? [`The stateful "${text(name)}" changes.`]
          : []),
    ];
  });
}

/** Place in the container → volume. */
function namedMounts(service: Tree, volumes: ReadonlySet<string>): ReadonlyMap<string, string> {
  const list: readonly unknown[] = Array.isArray(service['volumes']) ? service['volumes'] : [];
  return new Map(
    list.flatMap((item) => {
      const [source, place] =
        typeof item === 'string' ? item.split(':') : [mapOf(item)['source'], mapOf(item)['target']];
      return typeof source === 'string' && typeof place === 'string' && volumes.has(source)
        ? [[place, source] as const]
        : [];
    }),
  );
}

/** Without tag and digest. */
function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}

function named(name: unknown): string {
  return name === undefined ? 'as the project names it' : `"${text(name)}"`;
}

function text(value: unknown): string {
  return printable(String(value ?? ''), 80);
}
