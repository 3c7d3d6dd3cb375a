import type { Problem } from '../../core/problem.ts';
import type { Placement } from '../../core/project/service.ts';
import type { FileList } from '../../core/validation/service-sources.ts';
import { workerClashes } from '../../core/validation/worker-clashes.ts';
import { environmentChoiceProblems, workerProblems } from '../../core/validation/worker-rules.ts';
import type { WorkerSource } from '../../core/validation/worker-source.ts';
import type { ReadService } from './read-service.ts';

/** What is wrong with the worker of a service by itself. */
export function checkWorker(
  service: ReadService,
  files: FileList,
  placements: readonly Placement[],
): Problem[] {
  const worker = sourceOf(service);
  if (worker === undefined) return [];
  const targets = placements.filter(({ driver }) => driver === 'worker').map(({ target }) => target);
  return [...workerProblems(worker, files), ...environmentChoiceProblems(worker, targets)];
}

/** What does not fit together between workers, as far as services of `selected` are concerned. */
export function checkWorkersTogether(
  services: readonly ReadService[],
  selected: ReadonlySet<string>,
): Problem[] {
  const deployed = services.filter(({ settings }) => settings?.enabled !== false);
  return workerClashes(
    deployed.flatMap((service) => sourceOf(service) ?? []),
    selected,
  );
}

function sourceOf(service: ReadService): WorkerSource | undefined {
  const { worker } = service;
  if (worker?.config === undefined) return undefined;
  return { service, config: worker.config, unread: worker.unread };
}
