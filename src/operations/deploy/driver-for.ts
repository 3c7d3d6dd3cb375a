import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { Deployment } from './deployment.ts';
import type { Driver } from './driver.ts';

/** The driver of a service; each is loaded only when it is the one. */
export async function driverFor(
  deployment: Deployment,
  stateFolder: string,
  state: ServiceState | undefined,
): Promise<Driver> {
  if (deployment.placement.driver === 'script') {
    return (await import('./script-driver.ts')).scriptDriver(deployment, state);
  }
  return await (await import('./compose/driver.ts')).composeDriver(deployment, stateFolder);
}
