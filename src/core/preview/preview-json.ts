import { type PlanJson, planToJson } from '../plan.ts';
import type { RunnerMatch } from '../routing/runner-match.ts';
import type { ComposeChange } from './compose-changes.ts';
import { type Preview, wavesOf } from './preview.ts';

/** What `launch plan --json` prints. */
export interface PreviewJson extends PlanJson {
  readonly base: string | null;
  readonly head: string | null;
  /** The names of services that are gone. */
  readonly deleted: readonly string[];
  /** What goes away from where, also from a single target. */
  readonly removals: readonly {
    readonly service: string;
    readonly target: string;
    readonly driver: string;
    readonly 'on-delete': 'report' | 'stop';
  }[];
  /** The services of each wave. */
  readonly waves: readonly (readonly string[])[];
  /** Target → whether a runner is online; only when that was asked, null where it could not be found out. */
  readonly runners?: Readonly<Record<string, RunnerMatch>> | null;
  /** How the compose configuration differs; only when that was asked. */
  readonly changes?: readonly ComposeChange[];
}

export function previewToJson(preview: Preview, withChanges: boolean): PreviewJson {
  const { detection, plan, removals, runners, compose } = preview;
  return {
    base: detection?.base ?? null,
    head: detection?.head ?? null,
    deleted: detection?.deleted ?? [],
    removals: removals.map(({ service, target, driver, onDelete }) => ({
      service,
      target: target.name,
      driver,
      'on-delete': onDelete,
    })),
    waves: wavesOf(plan),
    ...planToJson(plan),
    ...(runners.kind === 'not-asked'
      ? {}
      : { runners: runners.kind === 'seen' ? Object.fromEntries(runners.matches) : null }),
    ...(withChanges ? { changes: compose.changes } : {}),
  };
}
