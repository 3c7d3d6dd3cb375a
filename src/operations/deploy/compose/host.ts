import { type EngineApi, openEngine } from '../../../adapters/engine/api.ts';
import { type Containers, containersOf } from '../../../adapters/engine/containers.ts';
import { findEndpoint } from '../../../adapters/engine/endpoint.ts';
import { type Images, imagesOf } from '../../../adapters/engine/images.ts';
import { type Networks, networksOf } from '../../../adapters/engine/networks.ts';
import type { Deployment } from '../deployment.ts';
import { watchedEngine } from '../watched.ts';
import { type OpenEdge, openEdge } from './open-edge.ts';

/** The engine and the edge proxy of this host. Whatever changes them asks first whether it still may. */
export interface ComposeHost {
  readonly api: EngineApi;
  readonly containers: Containers;
  readonly images: Images;
  readonly networks: Networks;
  /** Undefined on a host without an edge proxy. */
  edge(): Promise<OpenEdge | undefined>;
  close(): void;
}

export async function openComposeHost({ env, charge, stateRoot }: Deployment): Promise<ComposeHost> {
  const api = watchedEngine(openEngine(await findEndpoint(env)), charge);
  let opening: Promise<OpenEdge | undefined> | undefined;
  let edge: OpenEdge | undefined;
  return {
    api,
    containers: containersOf(api),
    images: imagesOf(api),
    networks: networksOf(api),
    async edge() {
      opening ??= openEdge(stateRoot, charge);
      edge = await opening;
      return edge;
    },
    close() {
      api.close();
      edge?.proxy.close();
    },
  };
}

/** How often each container has been started again so far. */
export async function restartsOf(
  { containers }: ComposeHost,
  before: readonly { readonly id: string }[],
): Promise<Map<string, number>> {
  const found = await Promise.all(before.map(async ({ id }) => await containers.inspect(id)));
  return new Map(found.flatMap((it) => (it === undefined ? [] : [[it.Id, it.RestartCount ?? 0]])));
}
