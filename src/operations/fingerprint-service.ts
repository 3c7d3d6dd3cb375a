import { outerContent, ownContent } from '../core/changes/service-content.ts';
import { fingerprintOf } from '../core/fingerprint.ts';
import type { Project } from '../core/project/project.ts';
import type { Placement, Service } from '../core/project/service.ts';
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
    ownContent(project.view, service.folder, service.settings),
    outerContent(project, service.folder, service.settings),
  ]);
  return fingerprintOf({ content, inputs, settings: settingsOf(project.config, service, placement) });
}
