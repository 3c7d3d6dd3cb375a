import type { ComposeFile } from './compose-file.ts';
import { type Container, countingLayers } from './containers.ts';
import { type PortEntry, type PublishedPort, portEntries, publicationOf } from './published-ports.ts';

/** A host port with the file that publishes it. */
export interface ContainerPort extends PublishedPort {
  readonly file: string;
  /** Whether it is but one of a range of which the engine takes any that is free. */
  readonly oneOfMany: boolean;
}

/** The fixed host ports of containers, once their files are merged; each at the line that a person can change. */
export function containerPorts(
  containers: readonly Container[],
  variables: Readonly<Record<string, string>>,
): ContainerPort[] {
  const entriesOf = portsByFile();
  return containers.flatMap((container) => {
    // What two layers publish alike, compose takes for one.
    const published = new Set<string>();
    return countingLayers(container, 'ports').flatMap((layer) => {
      // Under `!reset` there may stand ports that do not count.
      if (layer.service.value['ports'] === undefined) return [];
      const entries = entriesOf(layer.file).filter(({ service }) => service === layer.service.name);
      const added = entries.flatMap(({ item, offset }) => {
        const publication = publicationOf(item, variables);
        if (publication === undefined) return [];
        const { address, ports, containerPorts: inner, protocol } = publication;
        const { file, line = 1, column = 1 } = layer.inheritedAt ?? layer.file.yaml.placeAt(offset);
        const oneOfMany = ports.length > 1 && inner.length === 1;
        return ports.map((port, index) => ({
          key: `${address ?? '0.0.0.0'} ${port} ${inner[index] ?? inner[0] ?? ''} ${protocol}`,
          port: { service: container.name, address, port, protocol, file, line, column, oneOfMany },
        }));
      });
      const news = added.filter(({ key }) => !published.has(key));
      for (const { key } of news) published.add(key);
      return news.map(({ port }) => port);
    });
  });
}

function portsByFile(): (file: ComposeFile) => readonly PortEntry[] {
  const known = new Map<ComposeFile, readonly PortEntry[]>();
  return (file) => {
    const entries =
      known.get(file) ?? (file.yaml.text.includes('ports') ? portEntries(file.yaml.document) : []);
    known.set(file, entries);
    return entries;
  };
}
