import { join } from 'node:path';
import { type ComposeRun, readComposeModel } from '../../../adapters/engine/compose.ts';
import { commitView } from '../../../adapters/git/commit-view.ts';
import { objectReader } from '../../../adapters/git/object-reader.ts';
import { quietGit } from '../../../adapters/snapshot/git.ts';
import { writeWhole } from '../../../adapters/state/on-disk.ts';
import type { ComposeProject } from '../../../core/deploy/compose-argv.ts';
import type { ComposeModel } from '../../../core/deploy/compose-model.ts';
import {
  assertPortServices,
  assertPortsReplaced,
  portOverrideFile,
} from '../../../core/deploy/port-override.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import { LaunchError, type Place } from '../../../core/errors.ts';
import { manifestPlace } from '../../../core/project/manifest-place.ts';
import type { Deployment } from '../deployment.ts';
import type { Draft } from '../driver.ts';

/**
 * Writes down what the service publishes on its target in place of what its compose file says; the file's path, or
 * none where nothing differs.
 *
 * @throws LaunchError CONFIG_INVALID, ENGINE_UNAVAILABLE; nothing has been touched
 */
export async function writePortOverride(
  deployment: Deployment,
  draft: Draft,
  { model, program }: { readonly model: ComposeModel; readonly program: ComposeProject['program'] },
): Promise<readonly string[]> {
  const { ports } = deployment.placement.settings;
  if (ports === undefined) return [];
  if (program === 'docker-compose') {
    throw new LaunchError('ENGINE_UNAVAILABLE', "Version 1 of compose can't replace ports on a target.", {
      remedy: 'Nothing has been changed. Install docker-compose-plugin.',
    });
  }
  await assertPortServices(ports, Object.keys(model.services), async (service) =>
    placeOfPorts(deployment, service),
  );
  const path = join(draft.path, layout.ports);
  await writeWhole(path, portOverrideFile(ports));
  return [path];
}

/** The model with the ports of the target, as compose makes it of all files together. */
export async function withPortsReplaced(
  { placement, env }: Deployment,
  model: ComposeModel,
  project: ComposeProject,
  { file, ...options }: ComposeRun & { readonly file: string },
): Promise<ComposeModel> {
  const { ports } = placement.settings;
  if (ports === undefined) return model;
  const replaced = (await readComposeModel(project, file, options)).model;
  assertPortsReplaced(ports, replaced, env);
  return replaced;
}

async function placeOfPorts({ top, commit, service, owner }: Deployment, name: string): Promise<Place> {
  const reader = objectReader(quietGit(top));
  try {
    const path = ['targets', owner.target, 'ports', name];
    return await manifestPlace(commitView(reader, commit), service.folder, path);
  } finally {
    await reader.close();
  }
}
