import type { InspectedContainer } from '../../adapters/engine/containers.ts';
import type { FoundContainer } from '../../core/deploy/found-container.ts';
import { labelOf, serviceLabel } from '../deploy/compose/container-labels.ts';
import { nameOf } from '../deploy/compose/project-containers.ts';

/** What of a container tells how it was made. */
export function asFound(container: InspectedContainer): FoundContainer {
  const { Config: config, HostConfig: host } = container;
  return {
    id: container.Id,
    name: nameOf(container),
    service: labelOf(container, serviceLabel),
    running: container.State.Running,
    image: String(config['Image'] ?? ''),
    imageId: container.Image,
    env: variables(strings(config['Env'])),
    command: config['Cmd'] === null ? null : strings(config['Cmd']),
    restart: String(record(host['RestartPolicy'])['Name'] || 'no'),
    ports: portsOf(record(host['PortBindings'])),
    networks: Object.keys(container.NetworkSettings.Networks ?? {}),
    mounts: container.Mounts.map((it) => ({
      type: it.Type,
      name: it.Name,
      source: it.Source ?? '',
      target: it.Destination,
      writable: it.RW,
    })),
    composeVersion: labelOf(container, 'com.docker.compose.version'),
    workingFolder: labelOf(container, 'com.docker.compose.project.working_dir'),
  };
}

/** NAME=value as the engine and its images list them. */
export function variables(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.map((line) => {
      const cut = line.indexOf('=');
      return cut < 0 ? [line, ''] : [line.slice(0, cut), line.slice(cut + 1)];
    }),
  );
}

function portsOf(bindings: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(bindings).flatMap(([target, all]) =>
    (Array.isArray(all) ? all : []).map((it) => {
      const { HostIp: ip = '', HostPort: port = '' } = record(it);
      return `${ip === '' || ip === '0.0.0.0' ? '' : `${String(ip)}:`}${String(port)}->${target}`;
    }),
  );
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
