import { visit } from 'yaml';
import { type ComposeFile, listOf, mapOf } from '../compose/compose-file.ts';
import { type Container, itemsOf, settingOf } from '../compose/containers.ts';
import { interpolate, neededVariables } from '../compose/variables.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { hostPart } from '../deploy/child-env.ts';
import type { Place } from '../errors.ts';
import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';
import type { ServiceSources } from './service-sources.ts';

/** Set in every deployment, or handed on from the host: nothing that a service has to declare. */
function comesAlong(name: string): boolean {
  return /^(?:LAUNCH|COMPOSE)_[A-Z0-9_]+$/.test(name) || Object.hasOwn(hostPart({ [name]: '' }), name);
}

/** Whether a variable has a value in a deployment of the service. */
export function declaredIn({ env, settings }: ServiceSources): (name: string) => boolean {
  const known = new Set([...Object.keys(env), ...(settings?.secrets ?? [])]);
  return (name) => known.has(name) || comesAlong(name);
}

/** Variables without a value: nothing but what the service declares reaches a deployment. */
export function variableProblems(compose: ComposeFile, service: ServiceSources): Problem[] {
  if (service.settings === undefined) return [];
  const has = declaredIn(service);
  return uses(compose)
    .filter(({ text, name }) => (text === undefined ? !has(name) : true))
    .flatMap(({ text, name, placeFor }) => {
      const names = text === undefined ? [name] : neededVariables(text, has).map((use) => use.name);
      return [...new Set(names)].map((needed) => undeclaredVariable(needed, placeFor(needed), service.name));
    });
}

export function undeclaredVariable(name: string, place: Place, service: string): Problem {
  return {
    rule: 'undeclared-variable',
    severity: 'error',
    message: `The variable ${name} has no value in a deployment.`,
    remedy: `Name it in service.yml, under \`secrets\` or with its value under \`env\`, or give it a default: \${${name}:-value}.`,
    place,
    service,
  };
}

interface Use {
  /** A text with references, or undefined for a name that stands by itself. */
  readonly text: string | undefined;
  readonly name: string;
  placeFor(name: string): Place;
}

function uses(compose: ComposeFile): Use[] {
  return [...textsWithReferences(compose), ...passedThrough(compose)];
}

/** Compose replaces references in values, not in keys. */
function textsWithReferences({ yaml }: ComposeFile): Use[] {
  const found: Use[] = [];
  visit(yaml.document, {
    Scalar(key, node) {
      const { value, range } = node;
      if (key === 'key' || typeof value !== 'string' || !value.includes('$')) return;
      const start = range?.[0] ?? 0;
      const source = yaml.text.slice(start, range?.[1] ?? start);
      found.push({
        text: value,
        name: '',
        placeFor: (name) => {
          const at = source.search(new RegExp(`\\$\\{?${name}(?![A-Za-z0-9_])`));
          return yaml.placeAt(start + Math.max(at, 0));
        },
      });
    },
  });
  return found;
}

/** `environment: [NAME]` or `NAME:` hands a variable on; a secret or config can take its content from one. */
function passedThrough({ yaml, value: top, services }: ComposeFile): Use[] {
  const names: { name: string; path: YamlPath }[] = [];
  for (const { value, path } of services) {
    listOf(value['environment']).forEach((item, index) => {
      if (typeof item === 'string' && /^\w+$/.test(item)) {
        names.push({ name: item, path: [...path, 'environment', index] });
      }
    });
    for (const [name, given] of Object.entries(mapOf(value['environment']))) {
      if (given === null) names.push({ name, path: [...path, 'environment', name] });
    }
  }
  for (const kind of ['secrets', 'configs']) {
    for (const [key, setting] of Object.entries(mapOf(mapOf(top)[kind]))) {
      const name = mapOf(setting)['environment'];
      if (typeof name === 'string') names.push({ name, path: [kind, key, 'environment'] });
    }
  }
  return names.map(({ name, path }) => ({ text: undefined, name, placeFor: () => yaml.placeOf(path) }));
}

/** What compose accepts and an operator regrets. */
export function containerProblems(containers: readonly Container[], service: ServiceSources): Problem[] {
  const warn: Warn = (rule, place, message, remedy) => ({
    rule,
    severity: 'warning',
    message,
    remedy,
    place,
    service: service.name,
  });
  return containers.flatMap((container) => [
    ...imageProblems(container, service.env, warn),
    ...privilegeProblems(container, service.env, warn),
  ]);
}

type Warn = (rule: string, place: Place, message: string, remedy: string) => Problem;

function imageProblems(container: Container, env: ServiceSources['env'], warn: Warn): Problem[] {
  const image = settingOf(container, 'image');
  // With `build`, the tag only names what is built here.
  if (typeof image?.value !== 'string' || settingOf(container, 'build') !== undefined) return [];
  const resolved = interpolate(image.value, env);
  if (resolved === undefined || resolved === '' || resolved.includes('@')) return [];
  const tag = /:([^:/]+)$/.exec(resolved)?.[1];
  if (tag !== undefined && tag !== 'latest') return [];
  const how = tag === undefined ? 'has no tag, which means latest' : 'has the tag latest';
  return [
    warn(
      'latest-tag',
      image.place,
      `The image of "${printable(container.name)}" ${how}: ${printable(resolved, 120)}.`,
      'Name a version or a digest, so that a release stays what it was.',
    ),
  ];
}

const hostShares = ['network_mode', 'pid', 'ipc', 'userns_mode', 'uts', 'cgroup'];
const broadCapabilities = /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|SYS_RAWIO)$/i;

function privilegeProblems(container: Container, env: ServiceSources['env'], warn: Warn): Problem[] {
  const shown = printable(container.name);
  const problems: Problem[] = [];
  const privileged = settingOf(container, 'privileged');
  if (privileged !== undefined && isTrue(privileged.value, env)) {
    problems.push(
      warn(
        'privileged-container',
        privileged.place,
        `The container "${shown}" is privileged.`,
        'Name the devices and capabilities it needs instead.',
      ),
    );
  }
  for (const { value: capability, place } of itemsOf(container, 'cap_add')) {
    if (typeof capability !== 'string' || !broadCapabilities.test(capability)) continue;
    problems.push(
      warn(
        'privileged-container',
        place,
        `The container "${shown}" has the capability ${printable(capability)}, which is nearly all.`,
        'Name narrower capabilities.',
      ),
    );
  }
  for (const key of hostShares) {
    const share = settingOf(container, key);
    if (share?.value !== 'host') continue;
    problems.push(
      warn(
        'host-namespace',
        share.place,
        `The container "${shown}" shares the host's namespace (${key}: host).`,
        'Publish the ports it needs, or drop the setting.',
      ),
    );
  }
  for (const { value: volume, place } of itemsOf(container, 'volumes')) {
    const source = typeof volume === 'string' ? volume.split(':', 1)[0] : mapOf(volume)['source'];
    if (typeof source !== 'string' || !/\/(?:docker|podman|containerd)\.sock$/.test(source)) continue;
    problems.push(
      warn(
        'docker-socket',
        place,
        `The container "${shown}" controls the container engine (${printable(source)}).`,
        'Put a socket proxy in front that allows only what is needed.',
      ),
    );
  }
  return problems;
}

function isTrue(value: unknown, env: ServiceSources['env']): boolean {
  if (value === true) return true;
  return typeof value === 'string' && /^(?:true|yes|on|y)$/i.test(interpolate(value, env) ?? '');
}
