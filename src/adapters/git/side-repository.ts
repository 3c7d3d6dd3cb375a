import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitPlace, git } from './command.ts';
import { gitEnvironment } from './environment.ts';
import type { GitFolders } from './git-folders.ts';

/**
 * A bare repository in a temporary folder that borrows the objects of the checkout and takes up what is
 * fetched. So the checkout stays as it is: a filtered fetch into it would make it a partial clone (in its
 * configuration, for good), and a shallow one would move its end.
 */
export interface SideRepository {
  /** For asking about commits: what is lacking is just not there. */
  readonly place: GitPlace;
  /** For reading files: what a filter left out is fetched on the way. */
  readonly readingPlace: GitPlace;
  readonly folder: string;
  /** What to fetch: full ids, or refspecs. */
  fetch(wants: readonly string[], limits: FetchLimits): Promise<Fetched>;
  remove(): void;
}

export interface FetchLimits {
  /** Commits of history; undefined for all that is lacking. */
  readonly depth?: number;
  /** `blob:none` for folders without files, `tree:0` for commits alone. */
  readonly filter: 'blob:none' | 'tree:0';
}

export type Fetched =
  | { readonly ok: true }
  /** `gone`: the server answered, and does not have it. */
  | { readonly ok: false; readonly gone: boolean; readonly why: string };

/** git's own word for "everything" (`--unshallow` refuses when nothing is lacking). */
export const wholeHistory = 2_147_483_647;

/** How to log in to the remote where the checkout keeps no login, as with `persist-credentials: false`. */
export interface RemoteLogin {
  /** Only requests to this server get the token, such as `https://github.com`. */
  readonly server: string;
  readonly token: string;
}

export async function openSideRepository(
  checkout: GitPlace,
  folders: GitFolders,
  idLength: number,
  login?: RemoteLogin,
): Promise<SideRepository> {
  const settings = withLogin(await borrowedSettings(checkout), login);
  const folder = mkdtempSync(join(tmpdir(), 'launch-git-'));
  mkdirSync(join(folder, 'objects', 'info'), { recursive: true });
  mkdirSync(join(folder, 'refs'));
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n');
  const format = idLength === 64 ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  const version = idLength === 64 ? 1 : 0;
  writeFileSync(
    join(folder, 'config'),
    `[core]\n\trepositoryFormatVersion = ${version}\n\tbare = true\n${format}`,
  );
  writeFileSync(join(folder, 'objects', 'info', 'alternates'), `${join(folders.commonDir, 'objects')}\n`);
  const shallow = join(folders.commonDir, 'shallow');
  if (existsSync(shallow)) cpSync(shallow, join(folder, 'shallow'));
  const env = gitEnvironment({ GIT_DIR: folder, ...asEnvironment([...settings, ...ownSettings]) });
  const readingPlace: GitPlace = { cwd: checkout.cwd, options: [], env };
  const place: GitPlace = { ...readingPlace, env: { ...env, GIT_NO_LAZY_FETCH: '1' } };
  return {
    place,
    readingPlace,
    folder,
    fetch: async (wants, limits) => {
      const hasRemote = settings.some(([key]) => key === 'remote.origin.url');
      if (!hasRemote) return { ok: false, gone: false, why: 'it has no remote' };
      return fetchInto(place, wants, limits);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function fetchInto(place: GitPlace, wants: readonly string[], limits: FetchLimits): Promise<Fetched> {
  const fetch = (filter: readonly string[]) =>
    git(
      place,
      [
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-recurse-submodules',
        '--no-write-fetch-head',
        ...(limits.depth === undefined ? [] : [`--depth=${limits.depth}`]),
        ...filter,
        '--end-of-options',
        'origin',
        ...wants,
      ],
      { timeout: 300_000 },
    );
  let result = await fetch([`--filter=${limits.filter}`]);
  // A server without filters is only warned about; one that forbids this filter refuses.
  if (result.exitCode !== 0 && !isGone(result.stderr) && /filter/i.test(result.stderr)) {
    result = await fetch(['--no-filter']);
  }
  if (result.exitCode === 0) return { ok: true };
  return { ok: false, gone: isGone(result.stderr), why: reasonOf(result.stderr) };
}

function isGone(stderr: string): boolean {
  return /not our ref|unadvertised object|couldn't find remote ref|no such remote ref/i.test(stderr);
}

/** The line that says what is wrong; never the URL, which may hold a password. */
function reasonOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !/^warning:/.test(line));
  const line =
    lines.find((it) => /^(fatal|error|ERROR|remote):/.test(it)) ?? lines[0] ?? 'git gave no reason';
  return line.replace(/[a-z+]+:\/\/[^\s'"]*/gi, '<remote>').slice(0, 300);
}

type Setting = readonly [key: string, value: string];

const ownSettings: readonly Setting[] = [
  // What a filter left out is fetched when it is read, as in any partial clone.
  ['remote.origin.promisor', 'true'],
  ['remote.origin.partialclonefilter', 'blob:none'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['fetch.writecommitgraph', 'false'],
];

/** What reaching the remote takes: its address and the ways to log in, as the checkout alone has them. */
const borrowed = /^(url|http|https|credential|ssh|protocol)\.|^core\.(sshcommand|gitproxy|askpass)$/i;

async function borrowedSettings(checkout: GitPlace): Promise<Setting[]> {
  const listed = await git(checkout, ['config', '--list', '--includes', '-z', '--show-scope']);
  const fields = listed.stdout.split('\0');
  const settings: Setting[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [scope, entry = ''] = [fields[at], fields[at + 1]];
    if (scope !== 'local' && scope !== 'worktree') continue;
    const cut = entry.indexOf('\n');
    settings.push(cut < 0 ? [entry, 'true'] : [entry.slice(0, cut), entry.slice(cut + 1)]);
  }
  const remotes = settings.filter(([key]) => /^remote\..+\.url$/i.test(key));
  const origin = remotes.find(([key]) => key === 'remote.origin.url') ?? remotes[0];
  return [
    ...settings.filter(([key]) => borrowed.test(key)),
    ...(origin === undefined ? [] : [['remote.origin.url', origin[1]] as const]),
  ];
}

/** The checkout's own login goes first: two headers at once are refused. */
function withLogin(settings: Setting[], login: RemoteLogin | undefined): Setting[] {
  const hasOwn = settings.some(([key]) => /^http\..*\.?extraheader$/i.test(key));
  if (login === undefined || hasOwn || !URL.canParse(login.server)) return settings;
  const basic = Buffer.from(`x-access-token:${login.token}`).toString('base64');
  const key = `http.${new URL(login.server).origin}/.extraheader`;
  return [...settings, [key, `AUTHORIZATION: basic ${basic}`]];
}

/** By the environment, because a value may be a token: not on a command line, not on disk. */
function asEnvironment(settings: readonly Setting[]): NodeJS.ProcessEnv {
  const before = Number(process.env['GIT_CONFIG_COUNT'] ?? 0) || 0;
  const env: NodeJS.ProcessEnv = { GIT_CONFIG_COUNT: String(before + settings.length) };
  for (const [index, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${before + index}`] = key;
    env[`GIT_CONFIG_VALUE_${before + index}`] = value;
  }
  return env;
}
