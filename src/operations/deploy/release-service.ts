import { workingTreeView } from '../../adapters/files/working-tree.ts';
import type { Release } from '../../core/deploy/release.ts';
import { LaunchError } from '../../core/errors.ts';
import { noLaunchFile } from '../../core/project/project.ts';
import { loadServiceFile, type Placement, type Service } from '../../core/project/service.ts';
import { shapeOf } from '../../core/project/shape.ts';
import { settingsOn } from '../../core/project/target-settings.ts';

/** The service as its release's own files describe it. */
export async function serviceOfRelease(release: Release, snapshot: string): Promise<Service> {
  const view = workingTreeView(snapshot);
  const shape = shapeOf((await view.entries(release.folder)) ?? []);
  if (shape === undefined || release.driver === 'worker') {
    throw new LaunchError(
      'CONFIG_INVALID',
      `The files of the release ${release.id} are not there any more.`,
      {
        remedy: 'Nothing has been changed. Go back to another release, or revert the commit and push.',
      },
    );
  }
  const { service: name, folder: contentPath } = release;
  const folder = { name, path: contentPath, contentPath, kind: 'folder', id: '', shape } as const;
  const project = { view, root: '', configPath: 'launch.yml', config: noLaunchFile, folders: [folder] };
  const target = {
    name: release.target,
    runsOn: 'self-hosted',
    ...(release.secretPrefix === undefined ? {} : { secretPrefix: release.secretPrefix }),
  };
  const settings = settingsOn(await loadServiceFile(project, folder), release.target);
  const { driver, url } = release;
  const placement: Placement = { target, source: 'input', driver, url, settings };
  return { name, folder, settings, placements: [placement] };
}
