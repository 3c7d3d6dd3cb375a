// Runs detection as the action does, on a repository of a test.

import type { Detection } from '../../src/core/changes/detection.ts';
import type { EventFacts } from '../../src/core/changes/event.ts';
import { type DetectOptions, detectChanges } from '../../src/operations/detect-changes.ts';
import { silentReporter } from '../../src/operations/reporter.ts';
import type { Repository } from './repository.ts';

/** `since: event` and no event unless the test says otherwise. */
export async function detect(
  repository: Repository,
  options: Partial<DetectOptions> = {},
): Promise<Detection> {
  return await detectChanges(
    { cwd: repository.path, since: 'event', event: { event: undefined }, ...options },
    silentReporter,
  );
}

/** What the runner says of a push to main. */
export function pushEvent(push: EventFacts['push'], more: Partial<EventFacts> = {}): EventFacts {
  return {
    event: 'push',
    branch: 'main',
    defaultBranch: 'main',
    ...(push === undefined ? {} : { push }),
    ...more,
  };
}

/** The kinds of reasons of a service, in order. */
export function kinds(detection: Detection, service: string): string[] {
  return (detection.reasons[service] ?? []).map((reason) => reason.kind);
}

/** The files that the reasons of a service name. */
export function files(detection: Detection, service: string): string[] {
  return (detection.reasons[service] ?? []).flatMap((reason) => ('files' in reason ? reason.files : []));
}
