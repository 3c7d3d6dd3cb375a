import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { type BrokenLock, breakLock } from '../../operations/break-lock.ts';
import type { UnlockFlags } from '../flags.ts';
import type { UnlockOutput } from '../output/unlock.ts';
import { placeOf, whoAmI } from '../place.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { targetHere } from '../target-here.ts';
import { describe } from './recover.ts';

export async function unlock(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: UnlockFlags,
): Promise<CommandResult<UnlockOutput>> {
  const place = await placeOf(cwd, service, flags);
  const broken = await breakLock(
    {
      ...place,
      target: await targetHere(cwd, { ...place, evenUnreleased: true }, flags),
      by: whoAmI(),
      reason: flags.reason,
      force: flags.force === true,
    },
    reporter,
  );
  if (broken.kind === 'held') {
    throw new LaunchError('LOCK_HELD', `"${service}" is being deployed by ${holder(broken)}.`, {
      remedy: 'Wait for its end. If it hangs, --force ends it and puts the service right.',
    });
  }
  return {
    json: broken,
    print() {
      process.stdout.write(
        broken.kind === 'free'
          ? 'Nobody holds the lock.\n'
          : `The deployment by ${holder(broken)} was ended. Left to do: ${describe(broken.recovered)}.\n`,
      );
    },
  };
}

function holder({ owner, pids }: Exclude<BrokenLock, { readonly kind: 'free' }>): string {
  const processes = pids.length === 0 ? '' : ` (processes ${pids.join(', ')})`;
  if (owner === undefined) return `another process${processes}`;
  return `${printable(owner.who)} since ${printable(owner.since)}${processes}`;
}
