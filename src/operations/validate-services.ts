import { listFiles } from '../adapters/files/file-list.ts';
import { workingTreeView } from '../adapters/files/working-tree.ts';
import { counted } from '../core/counted.ts';
import type { Problem, Severity } from '../core/problem.ts';
import { findFolder, type ProjectLocation } from '../core/project/project.ts';
import { portClashes } from '../core/validation/port-clashes.ts';
import { buildReport, type Report } from '../core/validation/report.ts';
import { assertRequiredFiles } from '../core/validation/required-files.ts';
import { dependencyProblems } from '../core/validation/settings-rules.ts';
import type { Reporter } from './reporter.ts';
import type { ComposeFindings } from './validation/check-compose.ts';
import { type CheckedService, checkService } from './validation/check-services.ts';
import type { ShellcheckSetting } from './validation/check-shell.ts';
import { portUses, reservedPorts, routeProblems } from './validation/host-claims.ts';
import { type ReadProject, readProject, withEmptySubmodules } from './validation/read-project.ts';
import { type ReadService, readService } from './validation/read-service.ts';
import { repositoryFiles } from './validation/service-files.ts';

export interface ValidationRequest extends ProjectLocation {
  /** The top folder of the checkout, absolute. */
  readonly top: string;
  readonly services: readonly string[] | 'all';
  /** Files that each service must have, instead of the default. */
  readonly requiredFiles?: readonly string[];
  readonly shellcheck: ShellcheckSetting;
  readonly failOn: Severity;
  /** The names of the secrets that have a value, where the caller knows. */
  readonly givenSecrets?: ReadonlySet<string>;
  /** For docker and its plugin. */
  readonly env: NodeJS.ProcessEnv;
  /** Whether the checkout may belong to another user, as in containers on runners. */
  readonly trusted?: boolean;
}

/**
 * Looks for everything that is wrong with the services, and tells it all. Changes nothing, runs nothing of the
 * repository and needs no container engine. Host ports are compared across all services, also those not asked for.
 *
 * @throws LaunchError SERVICE_NOT_FOUND for a name that is no service.
 */
export async function validateServices(request: ValidationRequest, reporter: Reporter): Promise<Report> {
  assertRequiredFiles(request.requiredFiles ?? []);
  const { top } = request;
  const listing = await listFiles(top, request.trusted ?? false);
  const view = withEmptySubmodules(workingTreeView(top), listing.files);
  const found = await readProject(view, request);
  const { project } = found;
  const selected = selectedNames(found, request.services);
  const files = repositoryFiles(top, listing.files, project.folders);

  const reading = { top, project, files, shared: found.shared };
  const services = await Promise.all(project.folders.map((folder) => readService(reading, folder)));
  const asked = services.filter((service) => selected.has(service.name));
  const context = {
    top,
    project,
    files,
    targetsKnown: found.targetsKnown,
    requiredFiles: request.requiredFiles,
    givenSecrets: request.givenSecrets,
  };
  const checked: CheckedService[] = [];
  for (const service of asked) checked.push(await checkService(context, service));

  const ports = await portUses(found, services);
  const compose = await checkedByCompose(request, checked);
  const shell = await checkedByShellcheck(request, checked, reporter);
  const problems = [
    ...found.problems,
    ...checked.flatMap((it) => it.problems),
    ...dependencyProblems(services, asked),
    ...portClashes(ports, selected),
    ...(await reservedPorts(ports, selected)),
    ...(await routeProblems(found, services, selected)),
    ...(await checkedTogether(services, selected)),
    ...compose.problems,
    ...withoutEchoes(shell, checked),
  ];
  return buildReport({
    failOn: request.failOn,
    services: asked.map(({ name, folder }) => ({ name, path: folder.path })),
    problems,
    notes: notes(listing.withoutGit, compose.note, checked),
  });
}

function selectedNames(
  { project, foldersKnown, unusable }: ReadProject,
  services: ValidationRequest['services'],
): Set<string> {
  if (services === 'all') return new Set(project.folders.map((folder) => folder.name));
  // When not even the folders could be listed, that is the problem to tell.
  if (!foldersKnown) return new Set();
  // What is wrong with a folder that can't be a service is told anyway.
  const isThere = (name: string): boolean => project.folders.some((folder) => folder.name === name);
  const usable = services.filter((name) => isThere(name) || !unusable.has(name));
  return new Set(usable.map((name) => findFolder(project, name).name));
}

/** Loaded only where there is a worker. */
async function checkedTogether(
  services: readonly ReadService[],
  selected: ReadonlySet<string>,
): Promise<Problem[]> {
  if (!services.some(({ worker }) => worker !== undefined)) return [];
  const { checkWorkersTogether } = await import('./validation/check-workers.ts');
  return checkWorkersTogether(services, selected);
}

/** Loaded only where there is a compose file: starting other programs takes a library that many a run can do without. */
async function checkedByCompose(
  { top, env }: ValidationRequest,
  checked: readonly CheckedService[],
): Promise<ComposeFindings> {
  if (!checked.some(({ service }) => service.compose !== undefined)) return { problems: [], note: undefined };
  const { checkComposeFiles } = await import('./validation/check-compose.ts');
  return await checkComposeFiles(top, checked, env);
}

async function checkedByShellcheck(
  { top, shellcheck }: ValidationRequest,
  checked: readonly CheckedService[],
  reporter: Reporter,
): Promise<Problem[]> {
  const scripts = checked.flatMap(({ service, scripts: own }) =>
    own.map((script) => ({ ...script, service: service.name })),
  );
  reporter.info(`${counted(checked.length, 'service')}, ${counted(scripts.length, 'shell script')}.`);
  if (shellcheck.severity === 'off' || scripts.length === 0) return [];
  const { checkShell } = await import('./validation/check-shell.ts');
  return await checkShell(top, scripts, { ...shellcheck, severity: shellcheck.severity }, reporter);
}

/** ShellCheck's own words for what a rule of ours has told already. */
function withoutEchoes(problems: readonly Problem[], checked: readonly CheckedService[]): Problem[] {
  const echoes: Readonly<Record<string, string>> = {
    SC1017: 'crlf-line-endings',
    SC2148: 'script-without-shebang',
    SC1082: 'script-without-shebang',
  };
  const told = new Set(
    checked.flatMap((it) => it.problems.map(({ rule, place }) => `${rule} ${place.file}`)),
  );
  return problems.filter(({ rule, place }) => !told.has(`${echoes[rule] ?? ''} ${place.file}`));
}

function notes(
  withoutGit: string | undefined,
  composeNote: string | undefined,
  checked: readonly CheckedService[],
): string[] {
  const count = (of: 'withDirectives' | 'tooLarge'): number =>
    checked.reduce((sum, { files }) => sum + (files?.[of] ?? 0), 0);
  const directives = count('withDirectives');
  const tooLarge = count('tooLarge');
  return [
    ...(withoutGit === undefined
      ? []
      : [
          `Git could not be asked (${withoutGit}): the files were checked as they lie there, permissions on disk only.`,
        ]),
    ...(composeNote === undefined ? [] : [composeNote]),
    ...(directives === 0 ? [] : [`${directives} scripts switch checks of ShellCheck off by a comment.`]),
    ...(tooLarge === 0 ? [] : [`${tooLarge} files over 1 MiB were not searched for credentials.`]),
  ];
}
