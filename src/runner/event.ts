import { readFileSync } from 'node:fs';
import type { EventFacts } from '../core/changes/event.ts';

const environment = process.env;

/**
 * The event that started this run. The payload is somebody else's word: ids must be ids, or they are left
 * out; names are passed on as they are, and treated as foreign wherever they are used.
 */
export function readEvent(): EventFacts {
  const event = text(environment['GITHUB_EVENT_NAME']);
  if (event === undefined) return { event };
  const payload = readPayload();
  const ref = text(environment['GITHUB_REF']);
  const commit = commitId(environment['GITHUB_SHA']);
  const branch = afterPrefix(ref, 'refs/heads/');
  const tag = afterPrefix(ref, 'refs/tags/');
  const defaultBranch = text(at(payload, 'repository', 'default_branch'));
  return {
    event,
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch }),
    ...(tag === undefined ? {} : { tag }),
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
    ...(event === 'push' ? pushFacts(payload) : {}),
    ...(event === 'merge_group' ? mergeGroupFacts(payload) : {}),
    ...(event.startsWith('pull_request') ? pullRequestFacts(payload) : {}),
  };
}

/** Whether the repository that runs the workflow is somebody's copy of another. */
export function runsInFork(): boolean {
  return at(readPayload(), 'repository', 'fork') === true;
}

export interface PullRequestFacts {
  readonly number: number;
  /** The full id of its newest commit when the run began. */
  readonly head: string;
  readonly isFork: boolean;
}

/** The pull request that the event is about; undefined when it is about none. */
export function readPullRequest(): PullRequestFacts | undefined {
  const payload = readPayload();
  const number = at(payload, 'pull_request', 'number');
  const head = commitId(at(payload, 'pull_request', 'head', 'sha'));
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1 || head === undefined) {
    return undefined;
  }
  const from = text(at(payload, 'pull_request', 'head', 'repo', 'full_name'));
  // Of a fork that was deleted there is no repository any more.
  return {
    number,
    head,
    isFork: from?.toLowerCase() !== text(environment['GITHUB_REPOSITORY'])?.toLowerCase(),
  };
}

/** The folder that the runner made for this job; what is checked out there is trusted, whoever owns it. */
export function workspace(): string | undefined {
  return text(environment['GITHUB_WORKSPACE']);
}

function pushFacts(payload: unknown): Pick<EventFacts, 'push'> {
  const before = commitId(at(payload, 'before'));
  return { push: { ...(before === undefined ? {} : { before }), forced: at(payload, 'forced') === true } };
}

function mergeGroupFacts(payload: unknown): Pick<EventFacts, 'mergeGroup'> {
  const base = commitId(at(payload, 'merge_group', 'base_sha'));
  return base === undefined ? {} : { mergeGroup: { base } };
}

function pullRequestFacts(payload: unknown): Pick<EventFacts, 'pullRequest'> {
  const base = commitId(at(payload, 'pull_request', 'base', 'sha'));
  const head = commitId(at(payload, 'pull_request', 'head', 'sha'));
  return base === undefined || head === undefined ? {} : { pullRequest: { base, head } };
}

function readPayload(): unknown {
  const path = text(environment['GITHUB_EVENT_PATH']);
  if (path === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Without it the facts are fewer and the base is sought in other ways, up to "every service".
    return undefined;
  }
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  let it = value;
  for (const key of keys) {
    if (typeof it !== 'object' || it === null) return undefined;
    it = Object.entries(it).find(([name]) => name === key)?.[1];
  }
  return it;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A full id of SHA-1 or SHA-256; all zeros stand for "none". */
function commitId(value: unknown): string | undefined {
  const id = text(value)?.toLowerCase();
  return id !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id) && !/^0+$/.test(id) ? id : undefined;
}

function afterPrefix(ref: string | undefined, prefix: string): string | undefined {
  return ref?.startsWith(prefix) === true ? text(ref.slice(prefix.length)) : undefined;
}
