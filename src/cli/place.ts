import { hostname, userInfo } from 'node:os';
import { locateProject } from '../operations/locate-project.ts';
import { nameRepository } from '../operations/name-repository.ts';
import type { PlaceFlags } from './flags.ts';

/** Which service of this machine is meant; a checkout is only asked for the name of its repository. */
export async function placeOf(cwd: string, service: string, flags: PlaceFlags) {
  return {
    service,
    repository: flags.repository ?? (await nameRepository(locateProject(cwd).top)),
    target: flags.target,
    stateDir: flags.stateDir,
    hostEnv: process.env,
  };
}

/** Who is at the terminal, for the history. */
export function whoAmI(): string {
  return `${userInfo().username}@${hostname()}`;
}
