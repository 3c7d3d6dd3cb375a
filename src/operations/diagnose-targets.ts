import pLimit from 'p-limit';
import { workingTreeView } from '../adapters/files/working-tree.ts';
import type { GitHubClient } from '../adapters/github/client.ts';
import { type Finding, failed, warning } from '../core/diagnosis.ts';
import { LaunchError } from '../core/errors.ts';
import { loadProject, type Project } from '../core/project/project.ts';
import { loadService } from '../core/project/service.ts';
import {
  type EnvironmentState,
  judgeEnvironment,
  judgeTarget,
  type KnownRunners,
} from '../core/routing/judge-target.ts';
import { labelsOf, type Runner, runnersFor } from '../core/routing/runner-match.ts';
import { findTarget, type Target } from '../core/targets/target.ts';
import { locateProject } from './locate-project.ts';
import { nameRepository } from './name-repository.ts';

export interface TargetsQuestion {
  readonly cwd: string;
  /** Absent: GitHub is not asked. */
  readonly token: string | undefined;
  readonly apiUrl: string;
}

export interface DiagnosedTarget {
  readonly target: string;
  readonly labels: readonly string[];
  readonly services: readonly string[];
  /** Those with all of its labels; undefined where they could not be listed. */
  readonly runners: readonly Pick<Runner, 'name' | 'online' | 'busy'>[] | undefined;
  readonly environment:
    | { readonly name: string; readonly state: 'there' | 'missing' | 'unknown' }
    | undefined;
}

export interface TargetsDiagnosis {
  readonly targets: readonly DiagnosedTarget[];
  readonly findings: readonly Finding[];
}

/** For everything that GitHub is asked, in milliseconds. */
const patienceMs = 15_000;

/**
 * Whether every target of the checkout has a runner and its environment, and which services use it.
 *
 * @throws LaunchError CONFIG_INVALID outside of a checkout, or when launch.yml is wrong
 */
export async function diagnoseTargets({ cwd, token, apiUrl }: TargetsQuestion): Promise<TargetsDiagnosis> {
  const location = locateProject(cwd);
  const project = await loadProject(workingTreeView(location.top), location);
  const { used, faults } = await usersOf(project);
  const targets = new Map<string, Target>();
  for (const name of Object.keys(project.config.targets)) {
    targets.set(name, findTarget(project.config, name, { file: project.configPath }));
  }
  for (const { target } of used.values()) targets.set(target.name, target);
  const all = [...targets.values()];
  const seen = await askGitHub(all, { token, apiUrl, repository: await nameRepository(location.top) });
  const users = (name: string) => [...(used.get(name)?.services ?? [])].sort();
  return {
    targets: all.map(({ name, runsOn, environment }) => ({
      target: name,
      labels: labelsOf(runsOn),
      services: users(name),
      runners: seen.runners.known
        ? runnersFor(runsOn, seen.runners.runners).map((it) => ({
            name: it.name,
            online: it.online,
            busy: it.busy,
          }))
        : undefined,
      environment:
        environment === undefined
          ? undefined
          : { name: environment, state: seen.environments.get(environment) ?? 'unknown' },
    })),
    findings: [
      ...faults,
      ...all.map((target) => judgeTarget({ target, users: users(target.name), runners: seen.runners })),
      ...environmentsOf(all).map(([name, of]) => judgeEnvironment(name, of, seen.environments.get(name))),
      ...seen.findings,
    ],
  };
}

interface Users {
  readonly target: Target;
  readonly services: Set<string>;
}

async function usersOf(project: Project): Promise<{ used: Map<string, Users>; faults: Finding[] }> {
  const used = new Map<string, Users>();
  const faults: Finding[] = [];
  for (const folder of project.folders) {
    try {
      const { placements } = await loadService(project, folder);
      for (const { target } of placements) {
        const users = used.get(target.name) ?? { target, services: new Set<string>() };
        users.services.add(folder.name);
        used.set(target.name, users);
      }
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      faults.push(failed(`service ${folder.name}`, error.summary, error.remedy));
    }
  }
  return { used, faults };
}

interface Seen {
  readonly runners: KnownRunners;
  readonly environments: ReadonlyMap<string, NonNullable<EnvironmentState>>;
  /** What could not be asked. */
  readonly findings: readonly Finding[];
}

async function askGitHub(
  targets: readonly Target[],
  { token, apiUrl, repository }: Omit<TargetsQuestion, 'cwd'> & { readonly repository: string },
): Promise<Seen> {
  const nothing = { runners: { known: false }, environments: new Map() } as const;
  const notAsked = (why: string, remedy: string): Seen => ({
    ...nothing,
    findings: [warning('runners and environments', `not checked: ${why}`, remedy)],
  });
  if (token === undefined) {
    return notAsked(
      'there is no token',
      'Set GITHUB_TOKEN or GH_TOKEN to a token with `administration: read` and `actions: read` on the repository.',
    );
  }
  if (repository.startsWith('local/')) {
    return notAsked('the checkout has no remote `origin`', 'Run it in a clone of the repository.');
  }
  const { githubClient } = await import('../adapters/github/client.ts');
  const client = githubClient({ apiUrl, token, retries: 1, timeout: 5000 });
  const signal = AbortSignal.timeout(patienceMs);
  const [runners, environments] = await Promise.all([
    askForRunners(client, repository, signal),
    askForEnvironments(client, repository, targets, signal),
  ]);
  return {
    runners: runners.known,
    environments: environments.found,
    findings: [...runners.findings, ...environments.findings],
  };
}

async function askForRunners(client: GitHubClient, repository: string, signal: AbortSignal) {
  const { listRunners } = await import('../adapters/github/runners.ts');
  const listing = await listRunners(client, repository, signal);
  if (!listing.listed) {
    const remedy = 'Listing runners takes a token with `administration: read` on the repository.';
    return {
      known: { known: false } as const,
      findings: [warning('runners', `not checked: ${listing.why}`, remedy)],
    };
  }
  const { runners, incomplete } = listing;
  return { known: { known: true, runners, incomplete } as const, findings: [] };
}

async function askForEnvironments(
  client: GitHubClient,
  repository: string,
  targets: readonly Target[],
  signal: AbortSignal,
) {
  const found = new Map<string, NonNullable<EnvironmentState>>();
  const names = environmentsOf(targets).map(([name]) => name);
  if (names.length === 0) return { found, findings: [] };
  const { findEnvironment, mayReadRepository } = await import('../adapters/github/environments.ts');
  const mayRead = await mayReadRepository(client, repository, signal);
  const limit = pLimit(5);
  const states = mayRead
    ? await Promise.all(names.map((name) => limit(() => findEnvironment(client, repository, name, signal))))
    : [];
  for (const [index, name] of names.entries()) {
    const state = states[index];
    if (state !== undefined) found.set(name, state);
  }
  const remedy = 'Reading environments takes a token with `actions: read` on the repository.';
  return {
    found,
    findings:
      found.size === names.length
        ? []
        : [warning('environments', 'not all of them could be checked', remedy)],
  };
}

/** Environment → the targets that have it. */
function environmentsOf(targets: readonly Target[]): [string, string[]][] {
  const names = new Map<string, string[]>();
  for (const { name, environment } of targets) {
    if (environment === undefined) continue;
    names.set(environment, [...(names.get(environment) ?? []), name]);
  }
  return [...names];
}
