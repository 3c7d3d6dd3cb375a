import type { ServicePlan } from '../operations/scaffold/plan-service.ts';

/** What is to be done with a new service, as lines to show; `paths`: what is to be committed. */
export function nextSteps(
  { name, template, target, secrets }: ServicePlan,
  paths: readonly string[],
): string[] {
  const where = target === undefined ? 'its target' : `the target "${target}"`;
  const wanted = [...secrets, ...template.targetSecrets];
  return [
    ...(template.needs === undefined ? [] : [`It needs ${template.needs}.`, '']),
    ...(wanted.length === 0 ? [] : secretSteps(wanted, where)),
    'Next:',
    `  launch validate ${name}`,
    `  git add ${paths.join(' ')} && git commit -m "Add ${name}"`,
    '  launch plan',
    `  launch deploy ${name}${secrets.length === 0 ? '' : ' --secrets-file <file>'}    # here; a push to the main branch does it on the runner`,
  ];
}

function secretSteps(secrets: ServicePlan['secrets'], where: string): string[] {
  return [
    `Put into the secret LAUNCH_SECRETS of the environment of ${where}, a line each:`,
    ...secrets.map(
      ({ name, what, generate }) =>
        `  ${name}=…    # ${what}${generate === undefined ? '' : `; make one with: ${generate}`}`,
    ),
    '',
  ];
}
