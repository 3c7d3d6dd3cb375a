import type { Images } from '../../../adapters/engine/images.ts';
import { type Argv, buildArgv, pullArgv } from '../../../core/deploy/compose-argv.ts';
import { type ComposeService, imageOf } from '../../../core/deploy/compose-model.ts';
import { registryOfImage } from '../../../core/deploy/registry.ts';
import type { Release } from '../../../core/deploy/release.ts';
import type { Failure } from '../../../core/deploy/result.ts';
import { LaunchError } from '../../../core/errors.ts';
import type { LaidOut } from './lay-out.ts';

export interface Fetching {
  readonly images: Images;
  readonly run: (title: string, command: Argv) => Promise<Failure | undefined>;
  readonly warn: (message: string) => void;
  /** Called before anything is pulled from these registries or, for a build, from any: room and logins. */
  readonly ready: (hosts: ReadonlySet<string> | 'all') => Promise<void>;
}

/**
 * Builds what is to be built, and pulls what is not here. An image that is here is good enough when its registry
 * does not answer; only one that can't be had at all is a failure, and that before anything stops.
 *
 * @throws LaunchError DEPLOY_FAILED naming the registry
 */
export async function fetchImages(laidOut: LaidOut, fetching: Fetching): Promise<Release['images']> {
  const { images, run, warn, ready } = fetching;
  const { model, project } = laidOut;
  const services = await Promise.all(
    Object.entries(model.services).map(async ([name, service]) => {
      const image = imageOf(model, name);
      return { name, service, image, before: (await images.find(image))?.id };
    }),
  );
  const namesOf = (some: readonly (typeof services)[number][]) => some.map(({ name }) => name);
  const hostsOf = (some: readonly (typeof services)[number][]) =>
    new Set(some.map(({ image }) => registryOfImage(image)));

  const toBuild = services.filter(({ service }) => isBuilt(service));
  if (toBuild.length > 0) {
    await ready('all');
    const failure = await run('Build images', buildArgv(project, namesOf(toBuild)));
    if (failure !== undefined) throw notFetched(failure, 'Mend what it names, then deploy again.');
  }
  const missing = services.filter(
    ({ service, before }) => before === undefined && !isBuilt(service) && service.pull_policy !== 'never',
  );
  if (missing.length > 0) {
    const hosts = hostsOf(missing);
    await ready(hosts);
    const failure = await run('Pull images', pullArgv(project, namesOf(missing)));
    if (failure !== undefined) throw notPulled(failure, hosts);
  }
  const toRefresh = services.filter(
    ({ service, before }) => before !== undefined && !isBuilt(service) && service.pull_policy === 'always',
  );
  if (toRefresh.length > 0) {
    await ready(hostsOf(toRefresh));
    const failure = await run('Refresh images', pullArgv(project, namesOf(toRefresh)));
    if (failure !== undefined) warn(`${failure.reason}; the images on this host are used as they are.`);
  }
  const found = await Promise.all(
    services.map(async ({ name, image, before }) => {
      const now = await images.find(image);
      if (now === undefined) return [];
      const digest = now.digest === undefined ? {} : { digest: now.digest };
      return [
        [name, { name: image, id: now.id, ...digest, ...(now.id === before ? {} : { ours: true }) }] as const,
      ];
    }),
  );
  return Object.fromEntries(found.flat());
}

function isBuilt(service: ComposeService): boolean {
  return service.build !== undefined && service.build !== null;
}

export function notPulled(failure: Failure, hosts: ReadonlySet<string>): LaunchError {
  const named = [...hosts].join(', ');
  const refused = failure.lines.some((line) =>
    /unauthorized|denied|no basic auth|authentication|40[13]/i.test(line),
  );
  return notFetched(
    { ...failure, reason: `${failure.reason} (from ${named})` },
    refused
      ? `If the image is private, declare ${named} under \`registries\` in launch.yml, with a secret that may read it.`
      : 'Mend what it names, then deploy again.',
  );
}

function notFetched(failure: Failure, remedy: string): LaunchError {
  return new LaunchError('DEPLOY_FAILED', `${failure.reason}: ${failure.lines.slice(-3).join(' ')}.`, {
    remedy: `Nothing has been changed. ${remedy}`,
  });
}
