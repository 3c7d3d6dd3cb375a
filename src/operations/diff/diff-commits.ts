import { openHistory } from '../../adapters/git/history.ts';
import { compareProjects, readManifests } from '../../core/changes/compare.ts';
import { findDifferences } from '../../core/changes/differences.ts';
import type { GitHistory } from '../../core/changes/git-history.ts';
import { ignoredOf } from '../../core/changes/service-patterns.ts';
import { mapOf } from '../../core/compose/compose-file.ts';
import { diffNames } from '../../core/diff/name-diff.ts';
import type { ServiceDiff } from '../../core/diff/service-diff.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { hideSecrets } from '../../core/preview/hide-secrets.ts';
import { resolveService } from '../../core/preview/resolved-service.ts';
import type { ServiceFolder } from '../../core/project/discover.ts';
import { loadProject, type Project } from '../../core/project/project.ts';
import { loadService, type Placement, type Service, serviceOn } from '../../core/project/service.ts';
import { fingerprintService } from '../fingerprint-service.ts';
import { locateProject } from '../locate-project.ts';
import { compareCompose } from '../preview/compose-diffs.ts';
import { readComposeAt } from '../preview/read-compose-at.ts';
import { fileDiffs } from './file-diffs.ts';

/** How a service differs between two commits, on one of its targets. */
export interface CommitsDiff
  extends Pick<ServiceDiff, 'reasons' | 'files' | 'moreFiles' | 'compose' | 'uncompared' | 'env'> {
  /** What the newer commit names, by compose service; undefined for what is built. */
  readonly images: ReadonlyMap<string, string | undefined>;
  /** The names that each of them declares. */
  readonly secrets: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly secretPrefix: string | undefined;
  /** Of the newer one; undefined where the service does not go to the target any more. */
  readonly fingerprint: string | undefined;
}

export interface CommitsAsked {
  readonly cwd: string;
  readonly service: string;
  readonly target: string;
  readonly from: string;
  /** Default: the commit that is checked out. */
  readonly to?: string | undefined;
}

const mostFiles = 500;

/**
 * Compares as the detection of changes and the plan of a pull request do.
 *
 * @throws LaunchError BASE_UNAVAILABLE, CONFIG_INVALID
 */
export async function diffCommits(asked: CommitsAsked): Promise<CommitsDiff & Record<'from' | 'to', string>> {
  const location = locateProject(asked.cwd);
  const history = openHistory(location.top);
  try {
    const from = await theCommit(history, asked.from);
    const to = await theCommit(history, asked.to ?? 'HEAD');
    const [older, newer] = await Promise.all([
      only(await loadProject(history.view(from), location), asked.service),
      only(await loadProject(history.view(to), location), asked.service),
    ]);
    const [folder] = newer.folders;
    if (folder === undefined) return { ...deleted, from, to };
    return { ...(await diffProjects(asked, older, newer, folder, { from, to })), from, to };
  } finally {
    await history.close();
  }
}

const deleted: CommitsDiff = {
  reasons: ['the service is not there any more'],
  files: [],
  moreFiles: false,
  compose: undefined,
  uncompared: '',
  env: diffNames({}, {}),
  images: new Map(),
  secrets: { before: [], after: [] },
  secretPrefix: undefined,
  fingerprint: undefined,
};

async function theCommit(history: GitHistory, revision: string): Promise<string> {
  const known = await history.resolve(revision);
  if (known !== undefined) return known;
  const got = await history.obtain([revision]);
  if (got.ok) return revision;
  throw new LaunchError(
    'BASE_UNAVAILABLE',
    `The commit ${printable(revision, 64)} is not in this checkout, and can't be fetched: ${got.why}.`,
    {
      remedy:
        'Fetch it (`git fetch --unshallow`), or run this in a checkout of the repository that was deployed.',
    },
  );
}

function only(project: Project, service: string): Project {
  return { ...project, folders: project.folders.filter(({ name }) => name === service) };
}

async function diffProjects(
  asked: CommitsAsked,
  older: Project,
  newer: Project,
  folder: ServiceFolder,
  commits: { readonly from: string; readonly to: string },
): Promise<CommitsDiff> {
  const [before] = older.folders;
  const [was, is] = await Promise.all([
    before === undefined ? undefined : loadService(older, before, { withoutUrl: true }),
    loadService(newer, folder),
  ]);
  const placement = is.placements.find(({ target }) => target.name === asked.target);
  const formerly = was?.placements.find(({ target }) => target.name === asked.target);
  const { changed } = await compareProjects(older, newer, await readManifests(newer));
  const isIgnored = ignoredOf(folder, is.settings);
  const prior = before?.contentPath ?? folder.contentPath;
  const differences = await findDifferences(
    { view: older.view, path: prior },
    { view: newer.view, path: folder.contentPath },
    { accepts: (path) => isIgnored?.(path) !== true, limit: mostFiles },
  );
  const movedFrom = (path: string) => `${prior}${path.slice(folder.contentPath.length)}`;
  const settings = (placement ?? is).settings;
  const former = (formerly ?? was)?.settings;
  return {
    reasons: [
      ...(changed.get(asked.service) ?? []).map(({ text }) => text),
      ...(placement === undefined ? [`it does not go to ${printable(asked.target)} any more`] : []),
    ],
    files: await fileDiffs(older.view, newer.view, differences.found, movedFrom),
    moreFiles: differences.more,
    ...(await composeDiff(asked, commits, placement)),
    env: diffNames(former?.env ?? {}, settings.env),
    images: placement?.driver === 'compose' ? await imagesIn(newer, is, placement) : new Map(),
    secrets: { before: former?.secrets ?? [], after: settings.secrets },
    secretPrefix: placement?.target.secretPrefix,
    fingerprint:
      placement === undefined
        ? undefined
        : await fingerprintService(newer, serviceOn(is, placement), placement),
  };
}

async function composeDiff(
  { cwd, service }: CommitsAsked,
  { from, to }: { readonly from: string; readonly to: string },
  placement: Placement | undefined,
): Promise<Pick<CommitsDiff, 'compose' | 'uncompared'>> {
  if (placement?.driver !== 'compose') return { compose: undefined, uncompared: '' };
  const { target, source, driver, url } = placement;
  const { changes, unread, uncompared } = await compareCompose(
    { cwd, since: 'event', event: { event: undefined } },
    {
      base: from,
      head: to,
      services: [service],
      deleted: [],
      reasons: {},
      baseTitle: '',
      warnings: [],
      total: 1,
    },
    { entries: [{ service, target, source, driver, url, wave: 1, reasons: [] }], disabled: [] },
  );
  return {
    compose: changes[0],
    uncompared: unread[0]?.why ?? (uncompared > 0 ? "the files of before can't be read" : ''),
  };
}

async function imagesIn(
  newer: Project,
  { name, folder }: Service,
  { settings }: Placement,
): Promise<ReadonlyMap<string, string | undefined>> {
  const compose = await readComposeAt(newer.view, folder, settings.env);
  if (!compose.ok) return new Map();
  const tree = hideSecrets(undefined, resolveService({ service: name, settings, ...compose })).after ?? {};
  return new Map(
    Object.entries(mapOf(tree['services'])).map(([service, value]) => {
      const { image, build } = mapOf(value);
      return [service, typeof image === 'string' && build === undefined ? image : undefined];
    }),
  );
}
