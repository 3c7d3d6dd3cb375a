import { describeFreeze, type Freeze } from '../../core/deploy/freeze.ts';
import { freezeService, unfreezeService } from '../../operations/freeze-service.ts';
import type { FreezeFlags, PlaceFlags } from '../flags.ts';
import type { FreezeOutput, UnfreezeOutput } from '../output/freeze.ts';
import { placeOf, whoAmI } from '../place.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';

export async function freeze(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: FreezeFlags,
): Promise<CommandResult<FreezeOutput>> {
  const place = await placeOf(cwd, service, flags);
  const why = { reason: flags.reason, strict: flags.strict === true, by: whoAmI() };
  return say(service, await freezeService({ ...place, ...why }, reporter));
}

export async function unfreeze(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: PlaceFlags,
): Promise<CommandResult<UnfreezeOutput>> {
  const was = await unfreezeService(await placeOf(cwd, service, flags), reporter);
  const left =
    was?.waiting === undefined
      ? ''
      : ` The commit ${was.waiting.slice(0, 12)} was left aside meanwhile: \`launch deploy ${service}\`, or a run of the workflow by hand, deploys it.`;
  const said = was === undefined ? 'was not frozen' : `is not frozen any more; it was ${describeFreeze(was)}`;
  return {
    json: { service, frozen: false, was: was ?? null },
    print: () => void process.stdout.write(`${service} ${said}.${left}\n`),
  };
}

function say(service: string, frozen: Freeze): CommandResult<FreezeOutput> {
  const end =
    frozen.strict === true ? 'launch unfreeze or --force ends that' : 'a commit that touches it ends that';
  return {
    json: { service, frozen: true, ...frozen },
    print: () => void process.stdout.write(`${service} is ${describeFreeze(frozen)}; ${end}.\n`),
  };
}
