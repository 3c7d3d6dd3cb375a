import type { ContainerPort } from '../compose/container-ports.ts';
import { containerPorts } from '../compose/container-ports.ts';
import type { Container } from '../compose/containers.ts';
import { publicationOf } from '../compose/published-ports.ts';
import { neededVariables } from '../compose/variables.ts';
import { unknownPortService } from '../deploy/port-override.ts';
import { didYouMean } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { undeclaredVariable } from './compose-rules.ts';
import { placeIn } from './per-target.ts';
import type { ServiceSources } from './service-sources.ts';

/** The host ports of the service as its target has it, each at the line that a person can change. */
export function portsOfService(service: ServiceSources, containers: readonly Container[]): ContainerPort[] {
  const ports = service.settings?.ports;
  const own = containerPorts(containers, service.env);
  if (ports === undefined) return own;
  const replaced = Object.entries(ports).flatMap(([name, items]) =>
    items.flatMap((item, index): ContainerPort[] => {
      const publication = publicationOf(item, service.env);
      if (publication === undefined) return [];
      const { address, protocol } = publication;
      const { file, line = 1, column = 1 } = placeIn(service, ['ports', name, index]);
      const oneOfMany = publication.ports.length > 1 && publication.containerPorts.length === 1;
      return publication.ports.map((port) => ({
        service: name,
        address,
        port,
        protocol,
        file,
        line,
        column,
        oneOfMany,
      }));
    }),
  );
  return [...own.filter((it) => !Object.hasOwn(ports, it.service)), ...replaced];
}

/** Ports of compose services that are not there, and variables in them that have no value. */
export function portProblems(
  service: ServiceSources,
  containers: readonly Container[],
  has: (variable: string) => boolean,
): Problem[] {
  const names = containers.map(({ name }) => name);
  return Object.entries(service.settings?.ports ?? {}).flatMap(([name, items]): Problem[] => {
    if (!names.includes(name)) {
      const place = placeIn(service, ['ports', name]);
      const remedy = didYouMean(name, names);
      const message = unknownPortService(name);
      return [{ rule: 'invalid-value', severity: 'error', message, remedy, place, service: service.name }];
    }
    return items.flatMap((item, index) => {
      const needed = neededVariables(JSON.stringify(item), has).map((use) => use.name);
      const place = placeIn(service, ['ports', name, index]);
      return [...new Set(needed)].map((variable) => undeclaredVariable(variable, place, service.name));
    });
  });
}
