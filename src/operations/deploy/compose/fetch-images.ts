import type { Images } from '../../../adapters/engine/images.ts';
import { type Argv, buildArgv, pullArgv } from '../../../core/deploy/compose-argv.ts';
import { imageOf } from '../../../core/deploy/compose-model.ts';
import type { Failure } from '../../../core/deploy/result.ts';
import type { LaidOut } from './lay-out.ts';

/**
 * Builds what is to be built, and pulls what is not here. An image that is here is good enough when its registry
 * does not answer; only one that can't be had at all is a failure, and that before anything stops.
 */
export async function fetchImages(
  laidOut: LaidOut,
  images: Images,
  run: (title: string, command: Argv) => Promise<Failure | undefined>,
  warn: (message: string) => void,
): Promise<Failure | undefined> {
  const { model, project } = laidOut;
  const services = Object.entries(model.services);
  const isBuilt = (service: (typeof services)[number][1]) =>
    service.build !== undefined && service.build !== null;
  const toBuild = services.filter(([, service]) => isBuilt(service)).map(([name]) => name);
  if (toBuild.length > 0) {
    const failure = await run('Build images', buildArgv(project, toBuild));
    if (failure !== undefined) return failure;
  }
  const here = await Promise.all(
    services.map(async ([name, service]) => ({
      name,
      service,
      isHere: (await images.find(imageOf(model, name))) !== undefined,
    })),
  );
  const missing = here
    .filter(({ service, isHere }) => !isHere && !isBuilt(service) && service.pull_policy !== 'never')
    .map(({ name }) => name);
  if (missing.length > 0) {
    const failure = await run('Pull images', pullArgv(project, missing));
    if (failure !== undefined) return failure;
  }
  const toRefresh = here
    .filter(({ service, isHere }) => isHere && !isBuilt(service) && service.pull_policy === 'always')
    .map(({ name }) => name);
  if (toRefresh.length > 0) {
    const failure = await run('Refresh images', pullArgv(project, toRefresh));
    if (failure !== undefined) warn(`${failure.reason}; the images on this host are used as they are.`);
  }
  return undefined;
}
