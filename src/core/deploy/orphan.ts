import { keptLabel, keptProjectLabel, readKept } from './kept-container.ts';
import type { StateKey } from './state-layout.ts';

/** A container on the host, and where it was started from. */
export interface LabelledContainer {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the state folder that it was started from is there; see `homeOf`. */
  readonly homeExists: boolean;
}

/** A service of this host, as its state folder tells. */
export interface HostedService extends StateKey {
  /** Absolute. */
  readonly folder: string;
  /** The compose project of the release that serves. */
  readonly project: string | undefined;
  /** Whether a deployment of it is under way, or was cut off: then what is its own is not settled. */
  readonly isUnsettled: boolean;
  /** When what served was taken down for good; undefined where it was not. */
  readonly removedAt?: string | undefined;
}

const label = {
  service: 'launch.service',
  target: 'launch.target',
  repository: 'launch.repository',
  project: 'com.docker.compose.project',
  workingDir: 'com.docker.compose.project.working_dir',
} as const;

/** The state folder of the service that a container was started for, by its labels; empty where they don't tell. */
export function homeOf(labels: Readonly<Record<string, string>>): string {
  const own = readKept(labels)?.labels ?? labels;
  return (own[label.workingDir] ?? '').replace(/\/releases\/.*$/, '');
}

/**
 * Why nobody on this host answers for a container that Launch has started; undefined when somebody does, or it is
 * not Launch's, or that of another state folder, which exists.
 */
export function whyOrphan(
  container: LabelledContainer,
  services: readonly HostedService[],
  stateRoot: string,
): string | undefined {
  const { labels } = container;
  const home = homeOf(labels);
  const isHere = home === stateRoot || home.startsWith(`${stateRoot}/`);
  const isOfLaunch = labels[label.service] !== undefined || labels[keptLabel] !== undefined;
  if (!isOfLaunch && !isHere) return undefined;
  const own = readKept(labels)?.labels ?? labels;
  const service = services.find((it) => it.folder === home || isOf(it, own));
  if (service === undefined) {
    if (!isHere && container.homeExists) return undefined;
    const whose = own[label.service] === undefined ? '' : ` of ${own[label.service]}`;
    return `this host has no state${whose} any more`;
  }
  if (service.isUnsettled) return undefined;
  if (labels[keptLabel] !== undefined) return 'a copy that no deployment refers to';
  if (service.removedAt !== undefined) {
    return `of ${service.service}, which was taken down at ${service.removedAt}`;
  }
  const project = labels[label.project];
  return service.project === undefined || project === undefined || project === service.project
    ? undefined
    : `of the project ${project}, while ${service.service} is ${service.project} now`;
}

function isOf(service: StateKey, labels: Readonly<Record<string, string>>): boolean {
  return (
    labels[label.service] === service.service &&
    labels[label.target] === service.target &&
    labels[label.repository] === service.repository
  );
}

/** By what the engine lists every container that may be Launch's. */
export const orphanLabels = [label.service, keptProjectLabel, label.workingDir] as const;
