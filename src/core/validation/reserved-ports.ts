import { reservedPortMessage, reservedPortRemedy } from '../deploy/port-holders.ts';
import type { Problem } from '../problem.ts';
import type { PortUse } from './port-clashes.ts';

/** A host port, and the targets on which a deployment refuses it. */
export interface ReservedPortUse
  extends Pick<PortUse, 'owner' | 'service' | 'port' | 'file' | 'line' | 'column'> {
  readonly refusedOn: readonly string[];
}

/** Host ports that belong to the host itself, and that no `allowed-ports` frees: a deployment would refuse them. */
export function reservedPortProblems(
  uses: readonly ReservedPortUse[],
  selected: ReadonlySet<string>,
): Problem[] {
  const refused = uses.filter(({ owner, refusedOn }) => selected.has(owner) && refusedOn.length > 0);
  return refused.map(({ owner, service, port, file, line, column, refusedOn }) => ({
    rule: 'reserved-port',
    severity: 'error',
    message: `${reservedPortMessage(service, port)} It is not allowed on ${refusedOn.join(', ')}.`,
    remedy: reservedPortRemedy(port),
    place: { file, line, column },
    service: owner,
  }));
}
