import { stringify } from 'yaml';
import type { ComposeFile } from '../compose/compose-file.ts';
import type { ComposeScope } from '../compose/containers.ts';
import { isMap, resolveCompose, type Tree } from '../compose/resolve-compose.ts';
import type { TargetSettings } from '../project/target-settings.ts';
import { fillVariables, type KnownVariables } from './fill-variables.ts';
import { unmarked } from './hidden-text.ts';

export interface ServiceState {
  readonly service: string;
  readonly settings: TargetSettings;
  /** The compose files in the order in which they are merged; what they include comes first. */
  readonly files: readonly ComposeFile[];
  readonly fileAt: ComposeScope['fileAt'];
  /** What a tracked `.env` beside the compose file sets. */
  readonly dotEnv: Readonly<Record<string, string>>;
}

/**
 * What a service comes to on one target: its compose files as one document, with the target's `ports` and `env`; and
 * under `launch` the settings of service.yml that say how it is deployed. Texts may hold marks of what is to be hidden.
 */
export function resolveService({ service, settings, files, fileAt, dotEnv }: ServiceState): Tree {
  const variables = { ...dotEnv, ...settings.env };
  const known: KnownVariables = { values: variables, secrets: new Set(settings.secrets) };
  const fill = (text: string) => fillVariables(text, known);
  const compose = resolveCompose(files, { variables, fileAt }, fill);
  const name = typeof compose['name'] === 'string' ? compose['name'] : service;
  const services = withPorts(compose['services'], eachText(settings.ports, fill));
  return { ...compose, name, services, launch: eachText(how(settings), unmarked) };
}

/** A target's own ports take the place of those in the files. */
function withPorts(services: unknown, ports: unknown): unknown {
  if (!isMap(ports) || !isMap(services)) return services;
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [
      name,
      isMap(service) && Object.hasOwn(ports, name) ? { ...service, ports: ports[name] } : service,
    ]),
  );
}

/** What says how it is deployed, without what nobody set. */
function how(settings: TargetSettings): Tree {
  const { strategy, steady, stateful, route, env, secrets, health, hooks } = settings;
  const said = { strategy, steady, stateful, route, env, secrets, health, hooks };
  const entries = Object.entries(said).filter(
    ([, value]) => value !== undefined && !(typeof value === 'object' && Object.keys(value).length === 0),
  );
  return Object.fromEntries(entries);
}

function eachText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: unknown) => eachText(item, change));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, eachText(item, change)]));
}

/** As text whose lines differ only where what they say does. */
export function asLines(tree: Tree | undefined): string {
  if (tree === undefined) return '';
  return stringify(tree, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false });
}
