import { Document, isMap, isSeq } from 'yaml';
import { publicationOf } from '../compose/published-ports.ts';
import { interpolate } from '../compose/variables.ts';
import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import type { TargetSettings } from '../project/target-settings.ts';
import type { ComposeModel } from './compose-model.ts';

export type PortOverride = NonNullable<TargetSettings['ports']>;

/**
 * A compose file that gives services other ports. Compose would add them to those of the files before it; by
 * `!override` (compose 2.24.4 and later) they take their place.
 */
export function portOverrideFile(ports: PortOverride): string {
  const services = Object.fromEntries(Object.entries(ports).map(([name, items]) => [name, { ports: items }]));
  const document = new Document({ services });
  const all = document.get('services');
  for (const name of Object.keys(ports)) {
    const service = isMap(all) ? all.get(name) : undefined;
    const list = isMap(service) ? service.get('ports') : undefined;
    if (isSeq(list)) list.tag = '!override';
  }
  // Quoted, because to a reader of older YAML 22:22 is a number.
  return document.toString({ defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
}

/** @throws LaunchError CONFIG_INVALID for a compose service that is not there, at the line that `placeOf` gives */
export async function assertPortServices(
  ports: PortOverride,
  services: readonly string[],
  placeOf: (service: string) => Promise<Place>,
): Promise<void> {
  const unknown = Object.keys(ports).find((name) => !services.includes(name));
  if (unknown === undefined) return;
  throw new LaunchError('CONFIG_INVALID', unknownPortService(unknown), {
    place: await placeOf(unknown),
    remedy: `Nothing has been changed. ${didYouMean(unknown, services)}`,
  });
}

export function unknownPortService(name: string): string {
  return `\`ports\` names "${printable(name, 80)}", which is no service of the compose file.`;
}

/**
 * That compose has understood: one that is too old for `!override` publishes the ports of before as well, and two
 * services would take each other's.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE
 */
export function assertPortsReplaced(
  ports: PortOverride,
  model: ComposeModel,
  env: Readonly<Record<string, string>>,
): void {
  for (const [name, items] of Object.entries(ports)) {
    // Compose may know a variable that is not known here, from a .env file.
    if (interpolate(JSON.stringify(items), env) === undefined) continue;
    const wanted = items.flatMap((item) => publicationOf(item, env)?.ports.map(String) ?? []);
    const published = (model.services[name]?.ports ?? []).flatMap(({ published: port }) =>
      port === undefined || port === '' ? [] : (String(port).split('-')[0] ?? []),
    );
    const extra = published.filter((port) => !wanted.includes(port));
    if (extra.length > 0) throw tooOld(name, extra);
  }
}

function tooOld(service: string, ports: readonly string[]): LaunchError {
  return new LaunchError(
    'ENGINE_UNAVAILABLE',
    `The compose of this machine can't replace ports: "${printable(service, 80)}" would still publish ${ports.join(', ')}.`,
    { remedy: 'Nothing has been changed. Update docker-compose-plugin to 2.24.4 or later.' },
  );
}
