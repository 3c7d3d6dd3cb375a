import { frozenNote, planToJson, whyOf } from '../../core/plan.ts';
import { headline } from '../../core/plan-summary.ts';
import { markFrozen } from '../../operations/mark-frozen.ts';
import { planChanges } from '../../operations/plan-changes.ts';
import type { PlanFlags } from '../flags.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { printTable } from '../table.ts';

export async function plan(
  { cwd, reporter }: CommandContext,
  services: readonly string[],
  flags: PlanFlags,
): Promise<CommandResult> {
  const { detection, plan: made } = await planChanges(
    {
      cwd,
      event: { event: undefined },
      since: 'event',
      base: flags.base,
      head: flags.head,
      target: flags.target,
      services: services.length === 0 ? undefined : services,
    },
    reporter,
  );
  const { base, head, deleted, baseTitle } = detection;
  const plan =
    head === undefined
      ? made
      : await markFrozen(made, {
          cwd,
          commit: head,
          target: flags.target,
          stateDir: flags.stateDir,
          hostEnv: process.env,
        });
  return {
    json: { base: base ?? null, head: head ?? null, deleted, ...planToJson(plan) },
    async print() {
      reporter.info(`Compared with ${base?.slice(0, 12) ?? 'nothing'}: ${baseTitle}.`);
      process.stdout.write(`${headline(plan)}\n`);
      if (plan.entries.length > 0) {
        await printTable(
          ['WAVE', 'SERVICE', 'TARGET', 'DRIVER', 'URL', 'WHY'],
          plan.entries.map((it) => [
            String(it.wave),
            it.service,
            it.target.name,
            it.driver,
            it.url ?? '',
            whyOf(it).join('; '),
          ]),
        );
      }
      for (const it of plan.entries) {
        const note = frozenNote(it);
        if (note !== undefined) process.stdout.write(`${it.service} on ${it.target.name}: ${note}\n`);
      }
      if (plan.disabled.length > 0) process.stdout.write(`Not enabled: ${plan.disabled.join(', ')}\n`);
      if (deleted.length > 0) process.stdout.write(`Deleted: ${deleted.join(', ')}\n`);
    },
  };
}
