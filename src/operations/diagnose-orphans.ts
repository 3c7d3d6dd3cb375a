import { stat } from 'node:fs/promises';
import type { EngineApi } from '../adapters/engine/api.ts';
import { containersOf } from '../adapters/engine/containers.ts';
import { type HostedService, homeOf, orphanLabels, whyOrphan } from '../core/deploy/orphan.ts';
import { type Finding, ok, warning } from '../core/diagnosis.ts';
import { printable } from '../core/names.ts';

/** Containers that Launch has started, and nobody on this host answers for any more. */
export async function diagnoseOrphans(
  api: EngineApi,
  services: readonly HostedService[],
  stateRoot: string,
): Promise<Finding[]> {
  const containers = containersOf(api);
  const listed = (await Promise.all(orphanLabels.map(async (it) => await containers.list([it])))).flat();
  const all = new Map(listed.map((it) => [it.id, it]));
  const found = await Promise.all(
    [...all.values()].map(async ({ name, labels, state }) => {
      const home = homeOf(labels);
      const homeExists = home !== '' && (await stat(home).catch(() => undefined)) !== undefined;
      const why = whyOrphan({ name, labels, homeExists }, services, stateRoot);
      if (why === undefined) return [];
      const [shown, said] = [printable(name, 80), printable(`${state}; ${why}`)];
      const remedy = `When nobody needs it, remove it with \`docker rm --force ${shown}\`; volumes stay.`;
      return [warning(`container ${shown}`, said, remedy)];
    }),
  );
  return found.flat().length > 0 ? found.flat() : [ok('orphan containers', 'none')];
}
