import type { Script } from '../../adapters/shellcheck/check.ts';
import type { Problem } from '../../core/problem.ts';
import type { Project } from '../../core/project/project.ts';
import { loadService, type Placement } from '../../core/project/service.ts';
import { type ComposePathFindings, composePathProblems } from '../../core/validation/compose-paths.ts';
import { holdsOn, onEveryTarget } from '../../core/validation/per-target.ts';
import { hasDeployment, requiredFileProblems } from '../../core/validation/required-files.ts';
import {
  environmentProblems,
  noWayDownProblems,
  pathCheckProblems,
  problemOf,
  secretProblems,
  settingPathProblems,
  strategyProblems,
} from '../../core/validation/settings-rules.ts';
import { type FileFindings, inspectFiles } from './inspect-files.ts';
import type { ReadService } from './read-service.ts';
import type { RepositoryFiles } from './service-files.ts';

export interface CheckContext {
  readonly top: string;
  readonly project: Project;
  readonly files: RepositoryFiles;
  readonly targetsKnown: boolean;
  readonly requiredFiles: readonly string[] | undefined;
  readonly givenSecrets: ReadonlySet<string> | undefined;
}

export interface CheckedService {
  readonly service: ReadService;
  readonly problems: readonly Problem[];
  readonly scripts: readonly Script[];
  readonly files: FileFindings | undefined;
  /** Whether the compose parser may be let loose on its compose files. */
  readonly parseable: boolean;
}

/** Everything about one service that can be told without another program. */
export async function checkService(context: CheckContext, service: ReadService): Promise<CheckedService> {
  const { top, files } = context;
  if (service.folder.kind === 'submodule' && files.of(service.folder).length === 0) {
    const problems = [notCheckedOut(service)];
    return { service, problems, scripts: [], files: undefined, parseable: false };
  }
  const found = inspectFiles(top, service, files);
  const compose = await composeFindings(service, files);
  const placed = await placementsOf(context, service);
  const problems = [
    ...service.problems,
    ...onEveryTarget(service, (it) =>
      requiredFileProblems(it, files, it.compose?.containers, context.requiredFiles),
    ),
    ...placed.problems,
    ...(await workerFindings(service, files, placed.placements)),
    ...settingPathProblems(service, files),
    ...onEveryTarget(service, environmentProblems),
    ...onEveryTarget(service, strategyProblems),
    ...compose.problems,
    ...found.problems,
    ...secretProblems(service, found.mentionedSecrets, context.givenSecrets),
  ];
  return {
    service,
    problems,
    scripts: found.scripts,
    files: found,
    parseable: service.compose?.complete === true && !compose.reachesOut && !found.linksOut,
  };
}

/** What the compose files themselves tell; YAML is loaded for them only where there are some. */
async function composeFindings(service: ReadService, files: RepositoryFiles): Promise<ComposePathFindings> {
  const { compose } = service;
  if (compose === undefined) return { problems: [], reachesOut: false };
  const [{ containerProblems, declaredIn, variableProblems }, { portProblems }] = await Promise.all([
    import('../../core/validation/compose-rules.ts'),
    import('../../core/validation/target-ports.ts'),
  ]);
  const paths = compose.files.map((file) => composePathProblems(file, service, files));
  const problems = [
    ...paths.flatMap((found) => found.problems),
    ...onEveryTarget(service, (it) => compose.files.flatMap((file) => variableProblems(file, it))),
    ...(compose.complete
      ? onEveryTarget(service, (it) => portProblems(it, compose.containers, declaredIn(it)))
      : []),
    ...containerProblems(compose.containers, service),
  ];
  return { problems, reachesOut: paths.some((found) => found.reachesOut) };
}

/** What the wrangler configuration tells; it is looked into only where there is one. */
async function workerFindings(
  service: ReadService,
  files: RepositoryFiles,
  placements: readonly Placement[],
): Promise<Problem[]> {
  if (service.worker === undefined) return [];
  const { checkWorker } = await import('./check-workers.ts');
  return checkWorker(service, files, placements);
}

interface Placed {
  /** None where they could not be worked out. */
  readonly placements: readonly Placement[];
  readonly problems: readonly Problem[];
}

/** Target and driver, as the plan would work them out. */
async function placementsOf(context: CheckContext, service: ReadService): Promise<Placed> {
  const { settings } = service;
  if (settings === undefined || !context.targetsKnown || !hasDeployment(service)) {
    return { placements: [], problems: [] };
  }
  try {
    const { placements } = await loadService(context.project, service.folder, { settings });
    const drivers = placements.map(({ driver }) => driver);
    const problems = [
      ...noWayDownProblems(service, drivers, context.files),
      ...onEveryTarget(service, (it) => pathCheckProblems(it, driversOn(it, placements))),
    ];
    return { placements, problems };
  } catch (error) {
    const problem = problemOf(error, 'config-invalid', service.name);
    if (problem.place.line !== undefined) return { placements: [], problems: [problem] };
    // The error names the file; the line is that of the key.
    const key = problem.rule === 'target-unknown' ? ['target', 'targets'] : ['driver'];
    const at = key.find((name) => service.manifest?.document.has(name) === true);
    if (at === undefined || problem.place.file !== service.manifestPath || service.manifest === undefined) {
      return { placements: [], problems: [problem] };
    }
    return { placements: [], problems: [{ ...problem, place: service.manifest.placeOf([at]) }] };
  }
}

function driversOn(service: ReadService, placements: readonly Placement[]): string[] {
  return placements.filter(({ target }) => holdsOn(service, target.name)).map(({ driver }) => driver);
}

function notCheckedOut(service: ReadService): Problem {
  return {
    rule: 'submodule-not-checked-out',
    severity: 'warning',
    message: `The service "${service.name}" is a submodule whose files are not there, so it was not checked.`,
    remedy: 'Set `submodules: true` for actions/checkout.',
    place: { file: service.folder.path },
    service: service.name,
  };
}
