import { type HistoryOptions, openHistory } from '../adapters/git/history.ts';
import { type BaseWishes, baseSteps } from '../core/changes/base-rules.ts';
import { compareProjects, readManifests } from '../core/changes/compare.ts';
import type { Detection } from '../core/changes/detection.ts';
import type { EventFacts } from '../core/changes/event.ts';
import type { Answer, GitHistory } from '../core/changes/git-history.ts';
import type { PushRuns } from '../core/changes/last-success.ts';
import { type Reason, retryReason } from '../core/changes/reasons.ts';
import { formatPlace, inputPlace, LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';
import { findFolder, loadProject, type Project } from '../core/project/project.ts';
import { type Base, chooseBase } from './choose-base.ts';
import { chooseCommit } from './choose-commit.ts';
import { type LocatedProject, locateProject } from './locate-project.ts';
import { noCommit } from './no-commit.ts';
import type { Reporter } from './reporter.ts';

export interface DetectOptions extends BaseWishes, HistoryOptions {
  /** Any folder of the checkout. */
  readonly cwd: string;
  /** `launch.yml` elsewhere, relative to the top. */
  readonly config?: string | undefined;
  /** Default: the commit that is checked out. */
  readonly head?: string | undefined;
  /** A commit that a person chose, in the place of the one that is checked out; see `chooseCommit`. */
  readonly commit?: string | undefined;
  /** Takes the place of detection. */
  readonly services?: 'all' | readonly string[] | undefined;
  readonly event: EventFacts;
  /** Where runs of the workflow can be asked for; default: nowhere. */
  readonly runs?: () => Promise<Answer<PushRuns>>;
}

/**
 * Which services changed, and why. Never says fewer than changed: where the state to compare with can't be
 * had or read, every service counts as changed, and a warning says why.
 *
 * @throws LaunchError CONFIG_INVALID when the newer state is wrong or there is no commit, SERVICE_NOT_FOUND for an unknown name in
 *   `services`, BASE_UNAVAILABLE when the repository or `head` can't be read.
 */
export async function detectChanges(options: DetectOptions, reporter: Reporter): Promise<Detection> {
  const location = locateProject(options.cwd, options.config);
  const history = openHistory(location.top, options);
  try {
    const detection = await detect(history, location, options);
    for (const warning of detection.warnings) reporter.warning(warning);
    return detection;
  } finally {
    await history.close();
  }
}

async function detect(
  history: GitHistory,
  location: LocatedProject,
  options: DetectOptions,
): Promise<Detection> {
  const head = await headOf(history, options);
  if (head === undefined) {
    // Who names a service means that it goes out; success would be a lie.
    if (Array.isArray(options.services)) throw noCommit();
    return emptyRepository;
  }
  const project = await loadProject(history.view(head), location);
  await assertSharedPatterns(project);
  const common = { head, total: project.folders.length };
  if (options.services !== undefined) {
    const chosen = options.commit === undefined ? {} : ({ chosen: true } as const);
    return { ...common, ...requested(project, options.services), ...chosen };
  }
  const steps = baseSteps(options.event, options);
  const noRuns = { ok: false, why: 'there is no access to the runs of a workflow here' } as const;
  const chosen = await chooseBase(steps, { history, head, runs: options.runs ?? (async () => noRuns) });
  if (chosen.bases.length === 0) {
    return { ...common, ...everything(project, chosen.title), warnings: chosen.warnings };
  }
  const compared = await compareAll(history, location, project, chosen.bases);
  if (!compared.ok) {
    const warning = `${compared.why} Every service counts as changed.`;
    return { ...common, ...everything(project, compared.why), warnings: [...chosen.warnings, warning] };
  }
  return {
    ...common,
    ...compared.value,
    base: chosen.bases[0]?.commit,
    bases: chosen.bases.map(({ commit }) => commit),
    baseTitle: chosen.title,
    warnings: chosen.warnings,
  };
}

/** A mistake in launch.yml is told at once, not met on the way of a comparison. */
async function assertSharedPatterns({ config, root, configPath }: Project): Promise<void> {
  if (config.shared.length === 0) return;
  const { sharedPatterns } = await import('../core/changes/service-patterns.ts');
  sharedPatterns(config, root, configPath);
}

async function headOf(
  history: GitHistory,
  { commit, head, services }: DetectOptions,
): Promise<string | undefined> {
  if (commit === undefined) return await resolveHead(history, head);
  const fault =
    head !== undefined
      ? 'Both `commit` and `head` are given.'
      : services === undefined
        ? 'A commit was chosen, but not what to deploy of it.'
        : undefined;
  if (fault !== undefined) {
    throw new LaunchError('CONFIG_INVALID', fault, {
      place: inputPlace('commit'),
      remedy: 'Give `commit` together with `services`: names, or `all`.',
    });
  }
  const tip = await resolveHead(history, undefined);
  return tip === undefined ? undefined : await chooseCommit(history, commit, tip);
}

type Outcome = Omit<Detection, 'head' | 'total'>;

async function resolveHead(history: GitHistory, head: string | undefined): Promise<string | undefined> {
  const commit = await history.resolve(head ?? 'HEAD');
  if (commit !== undefined || head === undefined) return commit;
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(head) && (await history.obtain([head])).ok) return head;
  throw new LaunchError(
    'BASE_UNAVAILABLE',
    `The head "${printable(head)}" is no commit of this repository.`,
    {
      remedy: 'Check the `head` input; leave it out to mean the commit that is checked out.',
    },
  );
}

const emptyRepository: Detection = {
  services: [],
  deleted: [],
  reasons: {},
  base: undefined,
  head: undefined,
  baseTitle: 'the repository has no commit yet',
  warnings: ['The repository has no commit yet, so there is nothing to deploy.'],
  total: 0,
};

function requested(project: Project, services: 'all' | readonly string[]): Outcome {
  const names =
    services === 'all'
      ? project.folders.map(({ name }) => name)
      : [...new Set(services)].map((name) => findFolder(project, name).name).sort();
  return {
    services: names,
    deleted: [],
    reasons: sameReason(names, { kind: 'requested', text: 'it was asked for' }),
    base: undefined,
    baseTitle: 'the services were asked for by name',
    warnings: [],
  };
}

function everything(project: Project, why: string): Omit<Outcome, 'warnings'> {
  const names = project.folders.map(({ name }) => name);
  return {
    services: names,
    deleted: [],
    reasons: sameReason(names, { kind: 'everything', text: 'there is nothing to compare with' }),
    base: undefined,
    baseTitle: why,
  };
}

function sameReason(names: readonly string[], reason: Reason): Record<string, Reason[]> {
  return Object.fromEntries(names.map((name) => [name, [reason]]));
}

function summaryWithPlace({ summary, place }: LaunchError): string {
  return place === undefined ? summary : `${summary} (${formatPlace(place)})`;
}

/** Compares with each base; a service counts when it differs from any of them. */
async function compareAll(
  history: GitHistory,
  location: LocatedProject,
  project: Project,
  bases: readonly Base[],
): Promise<Answer<Pick<Detection, 'services' | 'deleted' | 'reasons' | 'relocated'>>> {
  const reasons = new Map<string, readonly Reason[]>();
  const deleted = new Set<string>();
  const relocated = new Set<string>();
  // git answers while the first base is looked at.
  const reading = readManifests(project);
  for (const base of bases) {
    try {
      const [older, manifests] = await Promise.all([
        loadProject(history.view(base.commit), location),
        reading,
      ]);
      const comparison = await compareProjects(older, project, manifests);
      for (const [name, found] of comparison.changed) {
        if (reasons.has(name)) continue;
        reasons.set(name, base.role === 'retry' ? [retryReason(base.commit, found)] : found);
      }
      for (const name of comparison.deleted) deleted.add(name);
      for (const name of comparison.relocated) relocated.add(name);
    } catch (error) {
      // A mistake of the past must not stand in the way of its correction.
      if (!(error instanceof LaunchError)) throw error;
      return {
        ok: false,
        why: `The commit ${base.commit.slice(0, 12)} can't be compared with: ${summaryWithPlace(error)}`,
      };
    }
  }
  const services = [...reasons.keys()].sort();
  return {
    ok: true,
    value: {
      services,
      deleted: [...deleted].sort(),
      relocated: [...relocated].sort(),
      reasons: Object.fromEntries(services.map((name) => [name, reasons.get(name) ?? []])),
    },
  };
}
