import { previewToJson } from '../../core/preview/preview-json.ts';
import { assertBase } from '../../operations/plan-changes.ts';
import { makePreview, type PreviewRequest } from '../../operations/preview/make-preview.ts';
import { runnersOf } from '../../operations/preview/runners-of.ts';
import { exitCodes } from '../exit-codes.ts';
import type { PlanFlags } from '../flags.ts';
import type { PlanOutput } from '../output/plan.ts';
import { printPreview } from '../print-preview.ts';
import { type CommandContext, type CommandResult, type CommonOptions, report } from '../run-command.ts';

export async function plan(
  { cwd, reporter }: CommandContext,
  services: readonly string[],
  flags: PlanFlags & CommonOptions,
): Promise<CommandResult<PlanOutput>> {
  const request: PreviewRequest = {
    cwd,
    event: { event: undefined },
    since: 'event',
    base: flags.base,
    head: flags.head,
    target: flags.target,
    services: services.length === 0 ? undefined : services,
    stateDir: flags.stateDir,
    hostEnv: process.env,
    // What of a change concerns data is told unasked, where that takes no time.
    compare: flags.diff === true || flags.markdown === true || (flags.json === true ? false : 'few'),
    runners: flags.checkRunners === true ? await runnersOf(cwd, process.env) : undefined,
  };
  await assertBase(request);
  const preview = await makePreview(request, reporter);
  const { fault } = preview;
  if (fault !== undefined && flags.markdown !== true) throw fault;
  return {
    json: previewToJson(preview, flags.diff === true),
    async print() {
      if (flags.markdown !== true) return await printPreview(preview, flags.diff === true, reporter);
      const { fitMarkdown, summaryMedium } = await import('../../core/preview/fit-markdown.ts');
      process.stdout.write(
        fitMarkdown(preview, { ...summaryMedium, elsewhere: '`launch plan --json --diff`' }),
      );
      // Whoever shows the Markdown shows what is wrong, and the run fails all the same.
      if (fault !== undefined) report(fault, { json: false, verbose: false });
    },
    ...(fault === undefined ? {} : { exitCode: exitCodes.failed }),
  };
}
