import type { RunnerListing } from '../../adapters/github/runners.ts';
import type { Detection } from '../../core/changes/detection.ts';
import { counted } from '../../core/counted.ts';
import { LaunchError } from '../../core/errors.ts';
import { mostCompared } from '../../core/preview/compose-changes.ts';
import { noComposeChanges, noPlan, type Preview } from '../../core/preview/preview.ts';
import { type Matrix, maxMatrixEntries, routePlan } from '../../core/routing/matrix.ts';
import type { Report } from '../../core/validation/report.ts';
import { checkRunners } from '../check-runners.ts';
import { type DetectOptions, detectChanges } from '../detect-changes.ts';
import { markFrozen } from '../mark-frozen.ts';
import { planDetected } from '../plan-changes.ts';
import { planRemovals } from '../plan-removals.ts';
import { type Reporter, silentReporter } from '../reporter.ts';

export interface PreviewRequest extends DetectOptions {
  /** Overrides what the services say. */
  readonly target?: string | undefined;
  /** What validation found, when it was asked. */
  readonly report?: Report | undefined;
  /** How runners can be listed, or why not, as a sentence; default: nobody asks. */
  readonly runners?: (() => Promise<RunnerListing>) | string | undefined;
  /** Whether the configuration of compose services is compared, too; `few`: only where all of it can be. */
  readonly compare: boolean | 'few';
  /** Whether nobody wants to know the URLs, which take reading every compose file. */
  readonly withoutUrls?: boolean;
  /** owner/name; by default that of the remote `origin`. */
  readonly repository?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly hostEnv: NodeJS.ProcessEnv;
}

/**
 * What merging does: what changed, where that goes, what goes away, what of the configuration differs. What can't be
 * told is a `fault` of the preview, beside what can be; nothing of it is thrown but faults of Launch itself.
 */
export async function makePreview(request: PreviewRequest, reporter: Reporter): Promise<Preview> {
  const nothing: Preview = {
    detection: undefined,
    plan: noPlan,
    dependencies: [],
    removals: [],
    unreadable: [],
    compose: noComposeChanges,
    report: request.report,
    runners: { kind: 'not-asked' },
    notes: [],
    fault: undefined,
  };
  const detected = await attempt(() => detectChanges(request, reporter));
  if (!detected.ok) return { ...nothing, fault: detected.fault };
  const detection = detected.value;
  const [planned, gone] = await Promise.all([
    attempt(() => planDetected(request, detection)),
    // What it could not read is shown, too.
    attempt(() => planRemovals(request, detection, silentReporter)),
  ]);
  const removals = gone.ok ? gone.value : { removals: [], unreadable: [] };
  const known: Preview = { ...nothing, detection, ...removals };
  // A service.yml that is wrong hides where its service was; that it is wrong says enough.
  if (!planned.ok) return { ...known, unreadable: [], fault: planned.fault };
  const plan = await frozen(request, detection, planned.value.plan);
  const routed = await attempt(async () => largeWaves(routePlan(plan, 'service').waves, plan));
  const [compose, runners] = await Promise.all([
    compared(request, detection, plan),
    seenRunners(request, plan, reporter),
  ]);
  return {
    ...known,
    plan,
    dependencies: planned.value.dependencies,
    compose,
    runners,
    notes: routed.ok ? routed.value : [],
    fault: routed.ok ? (gone.ok ? undefined : gone.fault) : routed.fault,
  };
}

/** A job deploys several services where a wave has more of them than GitHub makes jobs of one matrix. */
function largeWaves(waves: readonly Matrix[], plan: Preview['plan']): string[] {
  return waves.flatMap(({ include }, index) => {
    const placed = plan.entries.filter(({ wave }) => wave === index + 1).length;
    return placed <= maxMatrixEntries
      ? []
      : [
          `Wave ${index + 1} deploys to ${placed} places, and GitHub makes at most ${maxMatrixEntries} jobs of it: ${counted(include.length, 'job')} will deploy several services each.`,
        ];
  });
}

type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: LaunchError };

async function attempt<T>(body: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await body() };
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return { ok: false, fault: error };
  }
}

/** Only where this machine is itself a target of the plan. */
async function frozen(request: PreviewRequest, { head }: Detection, plan: Preview['plan']) {
  if (head === undefined) return plan;
  const { cwd, config, target, repository, stateDir, hostEnv } = request;
  return await markFrozen(plan, { cwd, config, commit: head, target, repository, stateDir, hostEnv });
}

/** Loaded only where there is something to compare. */
async function compared(request: PreviewRequest, detection: Detection, plan: Preview['plan']) {
  const services = new Set(
    plan.entries.flatMap(({ service, driver }) => (driver === 'compose' ? service : [])),
  );
  const tooMany = request.compare === 'few' && services.size > mostCompared;
  if (request.compare === false || tooMany || services.size === 0) return noComposeChanges;
  const { compareCompose } = await import('./compose-diffs.ts');
  return await compareCompose(request, detection, plan);
}

async function seenRunners(
  { runners }: PreviewRequest,
  plan: Preview['plan'],
  reporter: Reporter,
): Promise<Preview['runners']> {
  if (runners === undefined || plan.entries.length === 0) return { kind: 'not-asked' };
  if (typeof runners === 'string') return { kind: 'unknown', why: runners };
  let listing: RunnerListing | undefined;
  const matches = await checkRunners(plan, 'warn', async () => (listing = await runners()), reporter);
  return listing?.listed === false ? { kind: 'unknown', why: listing.why } : { kind: 'seen', matches };
}
