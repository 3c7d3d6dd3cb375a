import { createFiles, type NewFile } from '../../adapters/files/create-files.ts';
import { launchFile } from '../../core/config/launch-file.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { problemsToError } from '../../core/problem.ts';
import type { FirstTarget } from '../../core/scaffold/launch-yml.ts';
import {
  isPlainBranch,
  type LaunchCopy,
  parseCopy,
  placeholderCopy,
} from '../../core/scaffold/starter-workflow.ts';
import { findProject, type LocatedProject } from '../../operations/locate-project.ts';
import { nameRepository } from '../../operations/name-repository.ts';
import {
  branchHere,
  filesToWrite,
  type InitFile,
  launchYmlFor,
  planInit,
  type WorkflowForm,
} from '../../operations/scaffold/plan-init.ts';
import { lookAround, planService, type ServicePlan } from '../../operations/scaffold/plan-service.ts';
import { listTemplates } from '../../operations/scaffold/templates.ts';
import { type Questions, questionsFor } from '../ask.ts';
import { oneOf } from '../choice.ts';
import type { InitFlags } from '../flags.ts';
import { nextSteps } from '../next-steps.ts';
import type { InitOutput } from '../output/init.ts';
import { type CommandContext, type CommandResult, type CommonOptions, UsageError } from '../run-command.ts';
import { complaintOf, settleService } from '../settle-service.ts';
import { describeService } from './new.ts';

/** All questions come first; then all files are written, or none. */
export async function init(
  { cwd }: CommandContext,
  flags: InitFlags & CommonOptions,
): Promise<CommandResult<InitOutput>> {
  const location = findProject(cwd);
  if (location === undefined) throw noRepository(cwd);
  const questions = await questionsFor(flags);
  const target = await settleTarget(flags, questions);
  const copy = await settleCopy(flags, questions);
  const form = await settleForm(flags, copy, location, questions);
  const branch = settleBranch(flags) ?? (await branchHere(location.top));
  const files = planInit(location, { target, copy, form, branch, force: flags.force === true });
  const service = await settleFirstService(location, files, flags, questions);
  const dryRun = flags.dryRun === true;
  if (!dryRun) createFiles(location.top, together(filesToWrite(files), service));
  return {
    json: {
      files: files.map(({ path, status }) => ({ path, status })),
      launch: `${copy.repository}@${copy.ref}`,
      workflows: form,
      branch,
      service: service === undefined ? null : describeService(service),
      dryRun,
    },
    print: () => print({ files, copy, form, service, dryRun }),
  };
}

function noRepository(cwd: string): LaunchError {
  return new LaunchError('CONFIG_INVALID', `"${printable(cwd)}" is not inside a git checkout.`, {
    remedy:
      'Run `git init --initial-branch=main` here first, or change to your repository. Nothing has been written.',
  });
}

async function settleTarget(flags: InitFlags, questions: Questions | undefined): Promise<FirstTarget> {
  const ask = async (message: string, usual: string, withAnswer: (answer: string) => FirstTarget) =>
    await questions?.text({
      message,
      usual,
      wrong: (answer) => complaintOf(() => assertTarget(withAnswer(answer))),
    });
  const name =
    flags.target ??
    (await ask('Name of the place that services go to?', 'homelab', (it) => ({ name: it, labels: ['x'] }))) ??
    'homelab';
  const labels = listOf(
    flags.labels ??
      (await ask('Labels of its runner, separated by commas?', `self-hosted,${name}`, (it) => ({
        name,
        labels: listOf(it),
      }))) ??
      `self-hosted,${name}`,
  );
  const host =
    flags.host ??
    (await ask('Its host name or address, for the links that are shown? (Enter: none)', '', (it) => ({
      name,
      labels,
      host: it || undefined,
    })));
  const environment =
    flags.environment ??
    (await ask('Its environment at GitHub, where its secrets are?', name, (it) => ({
      name,
      labels,
      environment: it,
    }))) ??
    name;
  const target = { name, labels, host: host || undefined, environment: environment || undefined };
  assertTarget(target);
  return target;
}

/** @throws LaunchError CONFIG_INVALID as its schema says */
function assertTarget(target: FirstTarget): void {
  const parsed = parseConfig(launchFile, launchYmlFor(target), 'launch.yml');
  if (!parsed.ok) throw problemsToError(parsed.problems);
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');
}

async function settleCopy(flags: InitFlags, questions: Questions | undefined): Promise<LaunchCopy> {
  const said =
    flags.launch ??
    (await questions?.text({
      message: 'Where is your copy of Launch at GitHub? (owner/name, @ and a release or commit)',
      usual: `${placeholderCopy.repository}@${placeholderCopy.ref}`,
      wrong: (it) => (parseCopy(it) === undefined ? 'For example: octo-org/launch@v1' : undefined),
    }));
  if (said === undefined) return placeholderCopy;
  const copy = parseCopy(said);
  if (copy !== undefined) return copy;
  throw new UsageError(`--launch is "${printable(said, 80)}". It takes owner/name or owner/name@ref.`);
}

async function settleForm(
  flags: InitFlags,
  copy: LaunchCopy,
  { top }: LocatedProject,
  questions: Questions | undefined,
): Promise<WorkflowForm> {
  const owner = (await nameRepository(top)).split('/')[0]?.toLowerCase();
  const isSame = owner === copy.repository.split('/')[0]?.toLowerCase();
  const order = isSame ? (['reusable', 'standalone'] as const) : (['standalone', 'reusable'] as const);
  const hints = {
    reusable: 'short; only where this repository and your copy of Launch have the same owner',
    standalone: 'long; works with every owner',
  };
  const chosen =
    flags.workflows ??
    (await questions?.choose(
      'Which form of the workflows?',
      order.map((value) => ({ value, hint: hints[value] })),
    ));
  return oneOf('--workflows', order, chosen);
}

function settleBranch({ branch }: InitFlags): string | undefined {
  if (branch === undefined || isPlainBranch(branch)) return branch;
  throw new UsageError(`--branch is "${printable(branch, 80)}", which is no plain name of a branch.`);
}

async function settleFirstService(
  location: LocatedProject,
  files: readonly InitFile[],
  flags: InitFlags,
  questions: Questions | undefined,
): Promise<ServicePlan | undefined> {
  const none = 'none';
  let { template } = flags;
  if (flags.service === undefined) {
    if (template !== undefined && questions === undefined) {
      throw new UsageError('--service is missing: the name of the first service.');
    }
    template ??= await questions?.choose('Make a first service?', [
      ...listTemplates().map(({ name, description }) => ({ value: name, hint: description })),
      { value: none, hint: 'later, with launch new' },
    ]);
    if (template === undefined || template === none) return undefined;
  }
  const launchYml = files[0];
  const around = await lookAround(location, launchYml?.status === 'written' ? launchYml.text : undefined);
  const wishes = await settleService(
    around,
    { name: flags.service, template, port: flags.port, addTarget: true },
    questions,
  );
  return planService(around, { ...wishes, hasSchemas: true });
}

/** Where the service changes a file that is about to be written, its text is the last word. */
function together(files: readonly NewFile[], service: ServicePlan | undefined): NewFile[] {
  const more = service?.files ?? [];
  const first = files.map((file) => {
    const changed = more.find(({ path }) => path === file.path);
    return changed === undefined ? file : { ...file, text: changed.text };
  });
  return [...first, ...more.filter(({ path }) => files.every((file) => file.path !== path))];
}

interface Told {
  readonly files: readonly InitFile[];
  readonly copy: LaunchCopy;
  readonly form: WorkflowForm;
  readonly service: ServicePlan | undefined;
  readonly dryRun: boolean;
}

function print({ files, copy, form, service, dryRun }: Told): void {
  const words = { written: 'wrote', replaced: 'replaced', kept: 'kept, it is there already:' };
  const would = { written: 'would write', replaced: 'would replace', kept: 'would keep' };
  const own = (service?.files ?? []).filter(({ path }) => files.every((file) => file.path !== path));
  const copyHint =
    copy.repository === placeholderCopy.repository
      ? `In .github/workflows/, write your copy's owner and name in place of ${placeholderCopy.repository}; or run it again with --launch <owner/name> --force.`
      : `The workflows use ${copy.repository}@${copy.ref} (${form}).`;
  const lines = [
    ...files.map(({ path, status }) => `${(dryRun ? would : words)[status]} ${path}`),
    ...own.map(({ path }) => `${dryRun ? would.written : words.written} ${path}`),
    '',
    ...(dryRun
      ? ['Nothing has been written (--dry-run).']
      : [
          copyHint,
          '',
          ...(service === undefined
            ? ['Next: launch new <name> --template web']
            : nextSteps(service, ['--all'])),
        ]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
