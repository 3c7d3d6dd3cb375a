import { readEdgeSettings, removeEdgeSettings } from '../../adapters/edge/edge-file.ts';
import { proxyOf } from '../deploy/compose/open-edge.ts';
import { removeEdgeContainer } from './container.ts';

/** Takes the proxy down that `launch edge up` has started; one that is somebody else's only loses the routes. */
export async function edgeDown({
  stateRoot,
  env,
}: {
  readonly stateRoot: string;
  readonly env: NodeJS.ProcessEnv;
}): Promise<{ readonly wasThere: boolean }> {
  const settings = await readEdgeSettings(stateRoot);
  if (settings === undefined) return { wasThere: false };
  const proxy = proxyOf(settings);
  try {
    await proxy.clear();
  } catch (error) {
    // Its own container goes in any case; but what it served last it would serve again.
    if (settings.container === undefined) throw error;
  } finally {
    proxy.close();
  }
  if (settings.container !== undefined) await removeEdgeContainer(settings.container, env);
  await removeEdgeSettings(stateRoot);
  return { wasThere: true };
}
