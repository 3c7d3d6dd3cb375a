import * as z from 'zod/mini';

/** What led to a deployment, as its release and the history keep it. */
export const triggerFile = z.object({
  /** GitHub's event, such as `push`, or `terminal`. */
  event: z.string(),
  /** Somebody wanted it deployed whatever stood in the way. */
  forced: z.optional(z.boolean()),
  /** Somebody named the commit. */
  chosen: z.optional(z.boolean()),
});

export type TriggerRecord = z.infer<typeof triggerFile>;

/** What a deployment knows of it beforehand. */
export interface Trigger {
  readonly event: string;
  /** The commit that the event itself is about; undefined at a terminal. */
  readonly commit?: string | undefined;
}

/** A run by hand that deploys another commit than its branch's newest was told which one. */
export function isChosen(trigger: Trigger | undefined, commit: string): boolean {
  return trigger?.event === 'workflow_dispatch' && trigger.commit !== undefined && trigger.commit !== commit;
}

export function recordOf(trigger: Trigger, commit: string, force: boolean): TriggerRecord {
  return {
    event: trigger.event,
    ...(force ? { forced: true } : {}),
    ...(isChosen(trigger, commit) ? { chosen: true } : {}),
  };
}

/** For people: `push`, `by hand, forced, commit chosen`. */
export function describeTrigger(record: TriggerRecord | undefined): string {
  if (record === undefined) return '';
  return [
    record.event === 'workflow_dispatch' ? 'by hand' : record.event.replaceAll('_', ' '),
    ...(record.forced === true ? ['forced'] : []),
    ...(record.chosen === true ? ['commit chosen'] : []),
  ].join(', ');
}
