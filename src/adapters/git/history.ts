import type { Answer, GitHistory } from '../../core/changes/git-history.ts';
import { isAncestor, mergeBase, type Shallow } from './ancestry.ts';
import { git, gitPlace } from './command.ts';
import { commitView, emptyCache, parseCommit, remember } from './commit-view.ts';
import { gitFolders, shallowCommits } from './git-folders.ts';
import { type ObjectReader, objectReader } from './object-reader.ts';
import {
  type Fetched,
  openSideRepository,
  type RemoteLogin,
  type SideRepository,
  wholeHistory,
} from './side-repository.ts';
import { nearestTag } from './tags.ts';

export interface HistoryOptions {
  /** Whether the checkout may belong to another user, see `gitPlace`. */
  readonly trusted?: boolean;
  readonly login?: RemoteLogin;
}

const done = { ok: true, value: undefined } as const;

/** The history of the checkout at `top`: one git process, and more only when they are needed. */
export function openHistory(top: string, options: HistoryOptions = {}): GitHistory {
  const checkout = gitPlace(top, options.trusted ?? false);
  const reader = objectReader(checkout);
  const cache = emptyCache();
  const open = (idLength: number) => openSideRepository(checkout, gitFolders(top), idLength, options.login);
  /** Opened when commits have to be fetched; from then on it knows all that the checkout knows, and more. */
  let side: Promise<SideRepository> | undefined;
  const fetched = new Set<string>();
  /**
   * The same for folders. Apart, because a server that hears of a commit takes it for granted that its folders are
   * there, too: it would leave them out, or send the differences to them.
   */
  let folders: Promise<SideRepository> | undefined;
  const obtained = new Set<string>();
  let folderReader: ObjectReader | undefined;
  let checkoutEnds: readonly string[] | undefined;

  const openSide = (idLength: number) => {
    side ??= open(idLength);
    return side;
  };
  const inCheckout = async (commit: string) => (await reader.read(`${commit}^{commit}`)) !== undefined;

  const shallow: Shallow = {
    place: async () => (side === undefined ? checkout : (await side).place),
    async ends() {
      if (side !== undefined) return shallowCommits((await side).folder);
      checkoutEnds ??= shallowCommits(gitFolders(top).commonDir);
      return checkoutEnds;
    },
    fetch: (tips, depth) => fetch(tips, { depth, filter: 'tree:0' }),
  };

  const fetch = async (
    commits: readonly string[],
    limits: Parameters<SideRepository['fetch']>[1],
  ): Promise<Answer<void>> => {
    const result = await (await openSide(commits[0]?.length ?? 40)).fetch(commits, limits);
    if (result.ok) for (const commit of commits) fetched.add(commit);
    return answerOf(result, commits);
  };

  const fetchFolders = async (commits: readonly string[]): Promise<Answer<void>> => {
    folders ??= open(commits[0]?.length ?? 40);
    const result = await (await folders).fetch(commits, { depth: 1, filter: 'blob:none' });
    if (result.ok) for (const commit of commits) obtained.add(commit);
    return answerOf(result, commits);
  };

  /** The checkout is asked first: what it holds need not be fetched. */
  const both: ObjectReader = {
    async readAll(names) {
      const objects = await reader.readAll(names);
      const lacking = names.filter((_, index) => objects[index] === undefined);
      if (folders === undefined || lacking.length === 0) return objects;
      folderReader ??= objectReader((await folders).readingPlace);
      const others = await folderReader.readAll(lacking);
      let next = 0;
      return objects.map((object) => object ?? others[next++]);
    },
    read: async (name) => (await both.readAll([name]))[0],
    close: async () => {},
  };

  const history: GitHistory = {
    async resolve(revision) {
      // The tree is asked for along with it, because each question that waits for another answer takes time.
      const [commit, tree] = await reader.readAll([`${revision}^{commit}`, `${revision}^{tree}`]);
      if (commit !== undefined) remember(cache, commit, tree);
      return commit?.id;
    },

    async parents(commit) {
      const object = await both.read(commit);
      return object?.type === 'commit' ? parseCommit(object.data).parents : [];
    },

    async obtain(commits) {
      const there = await Promise.all(
        commits.map(async (commit) => obtained.has(commit) || (await inCheckout(commit))),
      );
      const lacking = commits.filter((_, index) => there[index] !== true);
      return lacking.length === 0 ? done : fetchFolders(lacking);
    },

    async isAncestor(commit, descendant) {
      if (shallowCommits(gitFolders(top).commonDir).length > 0) {
        return isAncestor(shallow, commit, descendant);
      }
      // What a whole clone does not hold is no ancestor of what it holds.
      if (!(await inCheckout(commit))) return { ok: true, value: false };
      const asked = await git(checkout, ['merge-base', '--is-ancestor', commit, descendant]);
      return { ok: true, value: asked.exitCode === 0 };
    },

    async mergeBase(a, b) {
      if (!fetched.has(b) && !(await inCheckout(b))) {
        const cut = (await shallow.ends()).length > 0;
        const got = await fetch([b], { filter: 'tree:0', ...(cut ? { depth: 1 } : {}) });
        if (!got.ok) return got;
      }
      return mergeBase(shallow, a, b);
    },

    async branchTip(branch) {
      if (branch === undefined) return defaultBranchTip(history);
      const known = isPlainRef(branch) ? await history.resolve(`refs/remotes/origin/${branch}`) : undefined;
      if (known !== undefined) return { ok: true, value: known };
      const head = await history.resolve('HEAD');
      if (head === undefined || !isPlainRef(branch)) {
        return { ok: false, why: `the branch ${JSON.stringify(branch)} can't be looked up` };
      }
      const cut = (await shallow.ends()).length > 0;
      const repository = await openSide(head.length);
      const got = await repository.fetch([`+refs/heads/${branch}:refs/launch/tip`], {
        filter: 'tree:0',
        ...(cut ? { depth: 1 } : {}),
      });
      if (!got.ok) return { ok: false, why: `the branch ${branch} could not be fetched (${got.why})` };
      const tip = await git(repository.place, ['rev-parse', '--verify', 'refs/launch/tip^{commit}']);
      if (tip.exitCode !== 0) return { ok: false, why: `the branch ${branch} is no commit` };
      fetched.add(tip.stdout.trim());
      return { ok: true, value: tip.stdout.trim() };
    },

    async named(kind, name) {
      const none = { ok: true, value: undefined } as const;
      if (!isPlainRef(name)) return none;
      const local = kind === 'tags' ? `refs/tags/${name}` : `refs/remotes/origin/${name}`;
      const known = await history.resolve(local);
      if (known !== undefined) return { ok: true, value: known };
      const repository = await openSide((await history.resolve('HEAD'))?.length ?? 40);
      const cut = (await shallow.ends()).length > 0;
      const got = await repository.fetch([`+refs/${kind}/${name}:refs/launch/named`], {
        filter: 'tree:0',
        ...(cut ? { depth: 1 } : {}),
      });
      if (!got.ok) return got.gone ? none : { ok: false, why: got.why };
      const tip = await git(repository.place, ['rev-parse', '--verify', 'refs/launch/named^{commit}']);
      return tip.exitCode === 0 ? { ok: true, value: tip.stdout.trim() } : none;
    },

    async beginningWith(prefix, descendant) {
      if ((await shallow.ends()).length > 0) {
        const got = await fetch([descendant], { filter: 'tree:0', depth: wholeHistory });
        if (!got.ok) return got;
      }
      const listed = await git(await shallow.place(), ['rev-list', descendant, '--']);
      if (listed.exitCode !== 0) return { ok: false, why: 'the commits before it could not be listed' };
      return {
        ok: true,
        value: listed.stdout.split('\n').filter((id) => id !== '' && id.startsWith(prefix)),
      };
    },

    async previousTag(commit) {
      const cut = (await shallow.ends()).length > 0;
      const local = cut ? undefined : await nearestTag(await shallow.place(), commit);
      if (local !== undefined) return { ok: true, value: local };
      const repository = await openSide(commit.length);
      const got = await repository.fetch([commit, '+refs/tags/*:refs/tags/*'], {
        filter: 'tree:0',
        ...(cut ? { depth: wholeHistory } : {}),
      });
      if (!got.ok) return { ok: false, why: `the tags could not be fetched (${got.why})` };
      const tag = await nearestTag(repository.place, commit);
      if (tag !== undefined) fetched.add(tag.commit);
      return { ok: true, value: tag };
    },

    // What was not fetched is in the checkout.
    view: (commit) => commitView(folders === undefined ? reader : both, commit, cache),

    async close() {
      const closing = Promise.all([reader.close(), folderReader?.close()]);
      // The process ends by itself; only what it still reads has to stay until then.
      const open = [side, folders].filter((it) => it !== undefined);
      if (open.length === 0) return;
      await closing;
      for (const it of open) (await it.catch(() => undefined))?.remove();
    },
  };
  return history;
}

function answerOf(result: Fetched, commits: readonly string[]): Answer<void> {
  if (result.ok) return done;
  const [only] = commits;
  const what = commits.length === 1 ? `the commit ${only?.slice(0, 12)}` : `one of ${commits.length} commits`;
  return {
    ok: false,
    why: result.gone
      ? `${what} is no longer on the server`
      : `${what} is not in the checkout and could not be fetched (${result.why})`,
  };
}

/** At a terminal, where waiting for a server would surprise. */
async function defaultBranchTip(history: GitHistory): Promise<Answer<string>> {
  for (const ref of [
    'remotes/origin/HEAD',
    'remotes/origin/main',
    'remotes/origin/master',
    'heads/main',
    'heads/master',
  ]) {
    const tip = await history.resolve(`refs/${ref}`);
    if (tip !== undefined) return { ok: true, value: tip };
  }
  return { ok: false, why: 'the checkout knows no default branch' };
}

/** Nothing that git could take for an option, a range or a pattern. */
function isPlainRef(ref: string): boolean {
  return (
    /^[^\s~^:?*[\\\0-\x1f\x7f-][^\s~^:?*[\\\0-\x1f\x7f]*$/.test(ref) &&
    !/\.\.|@\{|\/\/|\.lock$|[/.]$/.test(ref)
  );
}
