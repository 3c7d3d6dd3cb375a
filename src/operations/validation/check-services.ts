import type { Script } from '../../adapters/shellcheck/check.ts';
import type { Problem } from '../../core/problem.ts';
import type { Project } from '../../core/project/project.ts';
import { loadService } from '../../core/project/service.ts';
import { composePathProblems } from '../../core/validation/compose-paths.ts';
import { containerProblems, variableProblems } from '../../core/validation/compose-rules.ts';
import { hasDeployment, requiredFileProblems } from '../../core/validation/required-files.ts';
import {
  environmentProblems,
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
  /** Whether the compose parser may be let loose on its compose file. */
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
  const paths = service.compose && composePathProblems(service.compose, service, files);
  const problems = [
    ...service.problems,
    ...requiredFileProblems(service, files, service.compose, context.requiredFiles),
    ...(await placementProblems(context, service)),
    ...settingPathProblems(service, files),
    ...environmentProblems(service),
    ...strategyProblems(service),
    ...(paths?.problems ?? []),
    ...(service.compose === undefined
      ? []
      : [...variableProblems(service.compose, service), ...containerProblems(service.compose, service)]),
    ...found.problems,
    ...secretProblems(service, found.mentionedSecrets, context.givenSecrets),
  ];
  const reachesOut = paths?.reachesOut === true || found.linksOut;
  return {
    service,
    problems,
    scripts: found.scripts,
    files: found,
    parseable: service.compose !== undefined && !reachesOut,
  };
}

/** Target and driver, as the plan would work them out. */
async function placementProblems(context: CheckContext, service: ReadService): Promise<Problem[]> {
  if (service.settings === undefined || !context.targetsKnown || !hasDeployment(service)) return [];
  try {
    await loadService(context.project, service.folder, { settings: service.settings });
    return [];
  } catch (error) {
    const problem = problemOf(error, 'config-invalid', service.name);
    // The error names the file; the line is that of the key.
    const key = problem.rule === 'target-unknown' ? ['target', 'targets'] : ['driver'];
    const at = key.find((name) => service.manifest?.document.has(name) === true);
    if (at === undefined || problem.place.file !== service.manifestPath || service.manifest === undefined) {
      return [problem];
    }
    return [{ ...problem, place: service.manifest.placeOf([at]) }];
  }
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
