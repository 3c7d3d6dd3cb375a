import { contentWithoutManifest, outerContent, ownContent } from '../core/changes/service-content.ts';
import { digest, fingerprintOf } from '../core/fingerprint.ts';
import type { Project } from '../core/project/project.ts';
import { loadServiceFile, type Placement, type Service } from '../core/project/service.ts';
import { overrideOf } from '../core/project/target-settings.ts';
import { settingsOf } from '../core/resolved-settings.ts';

/**
 * The fingerprint of a service on one of its targets, as `project.view` (a commit) has it: of its own files,
 * of its `inputs` and the `shared` paths that concern it, and of the settings that apply there.
 *
 * @throws LaunchError CONFIG_INVALID for a pattern that leaves the repository.
 */
export async function fingerprintService(
  project: Project,
  service: Service,
  placement: Placement,
): Promise<string> {
  const [content, inputs] = await Promise.all([
    contentOn(project, service, placement),
    outerContent(project, service.folder, service.settings),
  ]);
  return fingerprintOf({ content, inputs, settings: settingsOf(project.config, placement) });
}

/**
 * The files of the service. Where `service.yml` says what differs on single targets, its text is no part of them: what
 * it says of this target and of all of them is, so that a change of what another target has changes nothing here.
 */
async function contentOn(
  project: Project,
  { folder, settings }: Service,
  { target }: Placement,
): Promise<string> {
  const { targets } = settings;
  if (targets === undefined || Array.isArray(targets)) {
    return await ownContent(project.view, folder, settings);
  }
  const [files, file] = await Promise.all([
    contentWithoutManifest(project.view, folder, settings),
    loadServiceFile(project, folder),
  ]);
  return digest([files, { ...file, targets: null }, overrideOf(file, target.name) ?? {}]);
}
