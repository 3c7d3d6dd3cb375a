import { createHash } from 'node:crypto';
import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';

/** Where one service's state on one target lies, relative to the state root. */
export interface StateKey {
  readonly repository: string;
  readonly target: string;
  readonly service: string;
}

export function stateFolder(key: StateKey): string {
  const { owner, name } = splitRepository(key.repository);
  return [safePart(owner), safePart(name), safePart(key.target), safePart(key.service)].join('/');
}

/** The parts of a release's folder. */
export const layout = {
  releases: 'releases',
  snapshot: 'snapshot',
  record: 'release.json',
  /** Launch's additions to the compose file: labels and where mounts lie. */
  additions: 'launch.yml',
  /** The same, for a start that leaves containers alone which Launch has taken over. */
  pinned: 'pinned.yml',
  /** What the service publishes on its target, where that is not what its compose file says. */
  ports: 'ports.yml',
  /** The one file that names the service's compose files and the additions. */
  compose: 'compose.yml',
  /** In a release's folder: room that is given free again for the record, should the disk fill up meanwhile. */
  reserve: '.reserve',
  mounts: 'mounts',
  data: 'data',
  current: 'current',
  journal: 'journal',
  history: 'history.ndjson',
  lock: 'lock',
  /** Why deployments are held; absent when they are not. */
  freeze: 'frozen.json',
  /** Docker's configuration of a deployment that has logged in to a registry; gone when it ends. */
  login: '.docker',
  /** What the guardian did when it last had to act. */
  guardianLog: 'guardian.log',
  /** The newest commit that was ever live, and the run that brought it. */
  newest: 'newest',
} as const;

/** A text as one folder's name; what had to be changed gets a hash, so that two texts never share a folder. */
function safePart(text: string): string {
  const safe = text.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 100);
  if (safe === text && !/^\.*$/.test(safe) && !safe.startsWith('-')) return safe;
  return `_${safe.replace(/^\.+/, '')}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/** @throws LaunchError CONFIG_INVALID when it is not owner/name. */
export function splitRepository(repository: string): { readonly owner: string; readonly name: string } {
  const [owner = '', name = '', ...rest] = repository.split('/');
  if (owner !== '' && name !== '' && rest.length === 0) return { owner, name };
  throw new LaunchError(
    'CONFIG_INVALID',
    `"${printable(repository, 80)}" is not a repository's owner/name.`,
    {
      remedy: 'It comes from GITHUB_REPOSITORY or from the remote `origin`; set one of them right.',
    },
  );
}

/** owner/name out of a remote's URL, or `local/<folder>` where there is none. */
export function repositoryOf(remote: string | undefined, folder: string): string {
  const path = remote
    ?.trim()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  const match =
    path === undefined
      ? null
      : /^(?:[a-z+]+:\/\/[^/]+\/|[^/\s]+@[^:/]+:)(?:.*\/)?([^/]+)\/([^/]+)$/.exec(path);
  if (match?.[1] !== undefined && match[2] !== undefined) return `${match[1]}/${match[2]}`;
  return `local/${folder === '' ? 'repository' : folder}`;
}
