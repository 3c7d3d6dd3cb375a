import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { Expected } from '../../../core/deploy/container-verdict.ts';
import type { Release } from '../../../core/deploy/release.ts';
import { labelOf, serviceLabel } from './container-labels.ts';

/** The name of its restart policy; empty where it has none. */
export function restartPolicyOf({ HostConfig }: InspectedContainer): string {
  const policy = HostConfig['RestartPolicy'];
  return typeof policy === 'object' && policy !== null && 'Name' in policy ? String(policy.Name) : '';
}

/** The host ports that it publishes; 0 is one that the engine chooses. */
export function hostPortsOf({ HostConfig }: InspectedContainer): number[] {
  const bindings = HostConfig['PortBindings'];
  if (typeof bindings !== 'object' || bindings === null) return [];
  return Object.values(bindings).flatMap((list) =>
    (Array.isArray(list) ? list : []).map((binding) => Number(binding?.HostPort)),
  );
}

/** Whether its end with 0 can be its success: nothing keeps it running, and no request comes to it. */
export function isJob(container: InspectedContainer, routed: string | undefined): boolean {
  return (
    ['', 'no', 'on-failure'].includes(restartPolicyOf(container)) &&
    hostPortsOf(container).length === 0 &&
    (routed === undefined || labelOf(container, serviceLabel) !== routed)
  );
}

/** What the record of a release says of its containers. An older one does not say which of them ran. */
export function expectedBy(
  { containers, route }: Pick<Release, 'containers' | 'route'>,
  found: readonly InspectedContainer[],
): Pick<Expected, 'idle' | 'ran'> & { readonly routed: string | undefined } {
  const recorded = new Map(containers.map((it) => [it.id, it]));
  const routed = route?.service;
  const isIdle = (it: InspectedContainer) => {
    const known = recorded.get(it.Id);
    return known !== undefined && !(known.running ?? !isJob(it, routed));
  };
  return {
    routed,
    idle: new Set(found.filter(isIdle).map((it) => it.Id)),
    ran: new Set(containers.filter((it) => it.running === true).map(({ id }) => id)),
  };
}

/** Whether it runs, or has ended though its release was accepted with it running. */
export function isMeantToRun(container: InspectedContainer, release: Release | undefined): boolean {
  if (container.State.Running) return true;
  const known = release?.containers.find(({ id }) => id === container.Id);
  if (known === undefined || container.State.Status !== 'exited') return false;
  return known.running ?? !isJob(container, release?.route?.service);
}
