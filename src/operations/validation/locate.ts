import { LaunchError } from '../../core/errors.ts';
import { type LocatedProject, locateProject } from '../locate-project.ts';

/** The project around `cwd`; a folder that is no git checkout is validated as it lies there. */
export function locateForValidation(cwd: string, config?: string): LocatedProject {
  try {
    return locateProject(cwd, config);
  } catch (error) {
    if (!(error instanceof LaunchError) || !error.summary.includes('git checkout')) throw error;
    return { top: cwd, root: '', ...(config === undefined ? {} : { configPath: config }) };
  }
}
