// A user's repository of services with the starter workflows, a bare origin, and a machine that runs its
// pushes and pull requests under act.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type ActResult, exportLaunch, runAct } from './act.ts';
import { createRepository, type Files, type Repository, temporaryFolder } from './repository.ts';
import { ROOT } from './source-tree.ts';

const address = 'https://github.com/acme/shop';
const noCommit = '0'.repeat(40);

export interface RunOptions {
  readonly secrets?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the repository is somebody's fork of another. */
  readonly fork?: boolean;
  /** `owner/name` of the fork that a pull request comes from; default the repository itself. */
  readonly from?: string;
  readonly workflow?: string;
  /** Where artifacts are kept; default a new folder for each run. */
  readonly artifacts?: string;
}

export interface Shop {
  /** Where the services are written; not what the runner sees. */
  readonly desk: Repository;
  /** Where releases are kept, as on a host of its own. */
  readonly stateDir: string;
  /** The copy of this repository that the workflows call. */
  readonly launch: string;
  /** The runner's own folder; its checkouts lie below. */
  readonly home: string;
  /** Makes the names of services and compose projects this shop's own. */
  readonly suffix: string;
  /** Commits and pushes to main; nothing runs for it. */
  land(files: Files): void;
  /** Commits, pushes to main and runs what GitHub would run. */
  push(files: Files, options?: RunOptions): Promise<ActResult>;
  /** The same for a pull request with these changes. Nothing is merged. */
  pullRequest(files: Files, options?: RunOptions): Promise<ActResult>;
  /** The same for a merge queue, where these changes are all that is in it. */
  mergeGroup(files: Files, options?: RunOptions): Promise<ActResult>;
  /** Runs a workflow of the main branch by hand. */
  dispatch(
    workflow: string,
    inputs: Readonly<Record<string, string>>,
    options?: RunOptions,
  ): Promise<ActResult>;
}

/** `files` are written with the starter workflows; nothing is pushed yet. */
export function openShop(files: (shop: { suffix: string; stateDir: string }) => Files): Shop {
  const launch = exportLaunch();
  const home = temporaryFolder('launch-home-');
  const stateDir = temporaryFolder('launch-state-');
  const suffix = randomBytes(3).toString('hex');
  const desk = createRepository();
  desk.commit({ 'README.md': 'The shop.\n' }, 'start');
  const origin = desk.bareOrigin();
  desk.write({ ...starters(stateDir), ...files({ suffix, stateDir }) });
  // For the steps; where the checkout itself said so, act would take it for the repository's name.
  writeFileSync(join(home, '.gitconfig'), `[url "${origin.url}"]\n\tinsteadOf = ${address}\n`);
  let pullRequests = 0;
  let pushed = noCommit;

  const land = (changes: Files): string => {
    pushed = desk.commit(changes);
    desk.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    return pushed;
  };

  /** A commit on a branch, and what GitHub makes of it for `ref`; main stays as it was. */
  const merged = (branch: string, changes: Files, ref: string) => {
    const base = desk.id();
    desk.branch(branch);
    const head = desk.commit(changes);
    desk.checkout('main');
    const merge = desk.merge(head);
    desk.git('push', '--quiet', 'origin', `${merge}:${ref}`);
    desk.git('reset', '--quiet', '--hard', base);
    return { base, head, merge };
  };

  /** A fresh checkout of one commit, as actions/checkout makes it, on a machine that reaches only the origin. */
  const run = async (event: string, payload: object, ref: string, depth: number, options: RunOptions) => {
    const checkout = origin.clone({ ref, depth });
    checkout.git('remote', 'set-url', 'origin', address);
    // act copies no empty folder, and without `refs/` git sees no repository.
    checkout.git('update-ref', 'refs/remotes/origin/checked-out', 'HEAD');
    const { fork = false, from: _from, ...rest } = options;
    const repository = {
      name: 'shop',
      full_name: 'acme/shop',
      fork,
      default_branch: 'main',
      owner: { login: 'acme' },
    };
    // Nothing answers there: a test asks no one but its own servers.
    const env = { GITHUB_API_URL: 'http://127.0.0.1:9', ...options.env };
    return await runAct({
      ...rest,
      repository: checkout.path,
      launch,
      home,
      event,
      payload: { repository, ...payload },
      env,
    });
  };

  return {
    desk,
    stateDir,
    launch,
    home,
    suffix,
    land: (changes) => void land(changes),
    async push(changes, options = {}) {
      const before = pushed;
      const after = land(changes);
      const payload = {
        ref: 'refs/heads/main',
        before,
        after,
        created: before === noCommit,
        deleted: false,
        forced: false,
      };
      return await run('push', payload, after, 1, options);
    },
    async pullRequest(changes, options = {}) {
      pullRequests += 1;
      const number = pullRequests;
      const { base, head, merge } = merged(`change-${number}`, changes, `refs/pull/${number}/merge`);
      const { from = 'acme/shop' } = options;
      const payload = {
        action: 'opened',
        number,
        pull_request: {
          number,
          head: { ref: `change-${number}`, sha: head, repo: { full_name: from, fork: from !== 'acme/shop' } },
          base: { ref: 'main', sha: base, repo: { full_name: 'acme/shop', fork: false } },
        },
      };
      return await run('pull_request', payload, merge, 2, options);
    },
    async mergeGroup(changes, options = {}) {
      pullRequests += 1;
      const ref = `refs/heads/gh-readonly-queue/main/pr-${pullRequests}`;
      const { base, merge } = merged(`change-${pullRequests}`, changes, ref);
      const group = { head_sha: merge, head_ref: ref, base_sha: base, base_ref: 'refs/heads/main' };
      const payload = { action: 'checks_requested', merge_group: group };
      return await run('merge_group', payload, merge, 2, options);
    },
    async dispatch(workflow, inputs, options = {}) {
      const payload = { ref: 'refs/heads/main', inputs };
      return await run('workflow_dispatch', payload, desk.id(), 1, { ...options, workflow });
    },
  };
}

/** A workflow that a user's repository copies, such as `launch-rollback.yml`. */
export function starter(name: string): Files {
  return { [`.github/workflows/${name}`]: readFileSync(join(ROOT, 'workflows', name), 'utf8') };
}

/** As a user copies them, with one edit. */
function starters(stateDir: string): Files {
  const read = (name: string) => readFileSync(join(ROOT, 'workflows', name), 'utf8');
  return {
    '.github/workflows/launch-pr.yml': withoutComment(read('launch-pr.yml')),
    [deployWorkflow]: withStateDir(read('launch-deploy.yml'), stateDir),
  };
}

/** As who wants no comment has it; there is no API to write it to. */
function withoutComment(workflow: string): string {
  const edited = workflow.replace(/\n {2}# [^\n]*\n {2}comment:\n[\s\S]*$/, '');
  if (edited === workflow) throw new Error('The workflow has changed: where is the job that comments?');
  return edited;
}

export const deployWorkflow = '.github/workflows/launch-deploy.yml';

/** A deploy workflow in any of its forms, with a test's releases kept out of the machine's own. */
export function withStateDir(workflow: string, stateDir: string): string {
  const plain = workflow.replaceAll(/^ *state-dir: \$\{\{.*\n/gm, '');
  const edited = plain.replaceAll(/^( *)force: \$\{\{ inputs\.force .*$/gm, `$&\n$1state-dir: ${stateDir}`);
  if (edited === plain) throw new Error('The workflow has changed: where does state-dir go?');
  return edited;
}

/** Ports of the loopback interface that nobody listens on right now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const bound = server.address();
            resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
          });
        }),
    ),
  );
  for (const server of servers) server.close();
  return ports;
}

export interface Container {
  readonly id: string;
  readonly startedAt: string;
  readonly env: readonly string[];
}

/** The containers of a compose project, also those that have stopped. */
export function containersOf(project: string): Container[] {
  const ids = docker('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${project}`);
  return ids
    .split('\n')
    .filter((id) => id !== '')
    .sort()
    .map((id) => {
      const format = '{{.Id}} {{.State.StartedAt}} {{json .Config.Env}}';
      const [full = '', startedAt = '', ...env] = docker('inspect', '--format', format, id).split(' ');
      const parsed: string[] = JSON.parse(env.join(' '));
      return { id: full, startedAt, env: parsed };
    });
}

/** Removes what a shop has started, by its compose projects. */
export function removeProject(project: string): void {
  const ids = containersOf(project).map(({ id }) => id);
  if (ids.length > 0) docker('rm', '--force', '--volumes', ...ids);
  const filter = `label=com.docker.compose.project=${project}`;
  const networks = docker('network', 'ls', '--quiet', '--filter', filter)
    .split('\n')
    .filter((id) => id !== '');
  if (networks.length > 0) docker('network', 'rm', ...networks);
}

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', timeout: 60_000 }).trim();
}
