import { createFiles, isThere } from '../../adapters/files/create-files.ts';
import { joinPath } from '../../core/project/view.ts';
import { schemaFolder } from '../../core/scaffold/editor-files.ts';
import { locateProject } from '../../operations/locate-project.ts';
import { lookAround, planService, type ServicePlan } from '../../operations/scaffold/plan-service.ts';
import { listTemplates } from '../../operations/scaffold/templates.ts';
import { questionsFor } from '../ask.ts';
import type { NewFlags } from '../flags.ts';
import { nextSteps } from '../next-steps.ts';
import type { NewListOutput, NewOutput } from '../output/new.ts';
import type { CommandContext, CommandResult, CommonOptions } from '../run-command.ts';
import { settleService } from '../settle-service.ts';
import { printTable } from '../table.ts';

export async function newService(
  { cwd }: CommandContext,
  name: string | undefined,
  flags: NewFlags & CommonOptions,
): Promise<CommandResult<NewOutput>> {
  const location = locateProject(cwd);
  const around = await lookAround(location);
  const questions = await questionsFor(flags);
  const wishes = await settleService(around, { ...flags, name }, questions);
  const hasSchemas = isThere(location.top, joinPath(location.root, schemaFolder, 'service.schema.json'));
  const plan = planService(around, { ...wishes, hasSchemas });
  const dryRun = flags.dryRun === true;
  if (!dryRun) createFiles(location.top, plan.files);
  return { json: { ...describeService(plan), dryRun }, print: () => print(plan, dryRun) };
}

/** A new service, for `--json`. */
export function describeService(plan: ServicePlan): Omit<NewOutput, 'dryRun'> {
  const { name, template, folder, target, addedTarget, port, secrets, files } = plan;
  return {
    service: name,
    template: template.name,
    folder,
    target: target ?? null,
    addedTarget: addedTarget ?? null,
    port: port ?? null,
    secrets: secrets.map((secret) => secret.name),
    files: files.map(({ path }) => path),
  };
}

function print(plan: ServicePlan, dryRun: boolean): void {
  const changed = plan.files.filter(({ replace }) => replace !== undefined).map(({ path }) => path);
  const toCommit = [plan.folder, ...changed];
  const lines = [
    ...plan.files.map(({ path, replace }) => {
      const done = replace === true ? 'changed' : 'wrote';
      const todo = replace === true ? 'would change' : 'would write';
      return `${dryRun ? todo : done} ${path}`;
    }),
    '',
    ...(dryRun ? ['Nothing has been written (--dry-run).'] : nextSteps(plan, toCommit)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

export function newList(): CommandResult<NewListOutput> {
  const templates = listTemplates();
  return {
    json: {
      templates: templates.map(({ name, description, driver, port }) => ({
        name,
        description,
        driver,
        port: port ?? null,
      })),
    },
    print: () =>
      printTable(
        ['template', 'driver', 'what it is'],
        templates.map(({ name, description, driver }) => [name, driver, description]),
      ),
  };
}
