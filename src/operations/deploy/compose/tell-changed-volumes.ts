import { listVolumes } from '../../../adapters/engine/volumes.ts';
import { changedVolumes } from '../../../core/deploy/changed-volumes.ts';
import type { Deployment } from '../deployment.ts';
import type { ComposeHost } from './host.ts';
import type { LaidOut } from './lay-out.ts';

/** Compose would ask whether to throw the data away, takes silence for no, and goes on: nobody would hear of it. */
export async function tellChangedVolumes(
  { reporter, owner }: Deployment,
  { api }: ComposeHost,
  { name: project, model }: LaidOut,
): Promise<void> {
  if (Object.keys(model.volumes ?? {}).length === 0) return;
  for (const { name, what } of changedVolumes({ ...model, name: project }, await listVolumes(api, project))) {
    reporter.warning(
      `The volume ${name} stays as it is, with its data, though the compose file now says something else of it (${what.join(', ')}): a volume can only be made anew, and empty. To do that, save its data, run \`docker compose --project-name ${project} down\` and \`docker volume rm ${name}\` on the host, and deploy ${owner.service} again. Else take the change back, or give the volume another name.`,
    );
  }
}
