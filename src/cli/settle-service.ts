import { LaunchError } from '../core/errors.ts';
import { wrongName } from '../core/scaffold/service-name.ts';
import type { Template } from '../core/scaffold/template.ts';
import {
  assertFreeName,
  portFor,
  type ServiceSurroundings,
  type ServiceWishes,
  targetFor,
} from '../operations/scaffold/plan-service.ts';
import { findTemplate, listTemplates } from '../operations/scaffold/templates.ts';
import type { Questions } from './ask.ts';
import { UsageError } from './run-command.ts';

export interface ServiceFlags {
  readonly name?: string | undefined;
  readonly template?: string | undefined;
  readonly target?: string | undefined;
  readonly port?: number | undefined;
  readonly addTarget?: boolean | undefined;
}

/**
 * What a new service is to be: what the flags say, else what is answered, else what is usual.
 *
 * @throws UsageError where something is missing and there is nobody to ask
 */
export async function settleService(
  around: ServiceSurroundings,
  flags: ServiceFlags,
  questions: Questions | undefined,
): Promise<Omit<ServiceWishes, 'hasSchemas'>> {
  const name = flags.name ?? (await askName(around, questions));
  assertFreeName(around, name);
  const template = findTemplate(flags.template ?? (await askTemplate(questions)));
  const target = await settleTarget(around, template, flags, questions);
  return { name, template, target, port: await settlePort(around, template, flags.port, questions) };
}

async function askName(around: ServiceSurroundings, questions: Questions | undefined): Promise<string> {
  if (questions === undefined)
    throw new UsageError('Name the service: launch new <name> --template <template>.');
  return await questions.text({
    message: 'Name of the service?',
    wrong: (answer) => wrongName(answer) ?? complaintOf(() => assertFreeName(around, answer)),
  });
}

async function askTemplate(questions: Questions | undefined): Promise<string> {
  const templates = listTemplates();
  if (questions === undefined) {
    throw new UsageError(`--template is missing. It takes ${templates.map(({ name }) => name).join(', ')}.`);
  }
  return await questions.choose(
    'What is it made from?',
    templates.map(({ name, description }) => ({ value: name, hint: description })),
  );
}

async function settleTarget(
  around: ServiceSurroundings,
  template: Template,
  { target, addTarget }: ServiceFlags,
  questions: Questions | undefined,
): Promise<ServiceWishes['target']> {
  const choice = targetFor(around, template, target);
  if (choice.kind === 'default' || choice.kind === 'named') return choice;
  if (choice.kind === 'open') {
    if (questions === undefined)
      throw new UsageError(`--target is missing. It takes ${choice.names.join(', ')}.`);
    const named = await questions.choose(
      'Where does it go?',
      choice.names.map((value) => ({ value })),
    );
    return { kind: 'named', name: named };
  }
  if (addTarget === true) return { kind: 'add' };
  const what = `No target of ${around.launchYml} is for the template "${template.name}".`;
  const own = template.target;
  if (own === undefined) {
    throw new LaunchError('CONFIG_INVALID', what, {
      remedy: 'Declare one, without `driver`, below `targets`.',
    });
  }
  if ((await questions?.confirm(`${what} Add the target "${own.name}" to it?`)) === true)
    return { kind: 'add' };
  throw new LaunchError('CONFIG_INVALID', what, {
    remedy: `Add --add-target, or add a line to \`targets\` yourself: ${own.name}: { runs-on: ${own.settings['runs-on']}, driver: ${own.settings.driver} }`,
  });
}

async function settlePort(
  around: ServiceSurroundings,
  template: Template,
  wanted: number | undefined,
  questions: Questions | undefined,
): Promise<number | undefined> {
  const free = portFor(around, template, wanted);
  if (wanted !== undefined || free === undefined || questions === undefined) return free;
  const answer = await questions.text({
    message: 'Which port of the host does it publish?',
    usual: String(free),
    wrong: (typed) =>
      /^\d{1,5}$/.test(typed) && Number(typed) >= 1 && Number(typed) <= 65_535
        ? complaintOf(() => void portFor(around, template, Number(typed)))
        : 'A number from 1 to 65535.',
  });
  return Number(answer);
}

/** What a check says of an answer, in one line. */
export function complaintOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return `${error.summary} ${error.remedy}`;
  }
}
