import { findProject, type LocatedProject } from '../locate-project.ts';

/** The project around `cwd`; a folder that is no git checkout is validated as it lies there. */
export function locateForValidation(cwd: string, config?: string): LocatedProject {
  return (
    findProject(cwd, config) ?? {
      top: cwd,
      root: '',
      ...(config === undefined ? {} : { configPath: config }),
    }
  );
}
