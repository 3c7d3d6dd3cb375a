import { listFiles } from '../../adapters/files/file-list.ts';
import type { RepositoryView } from '../../core/project/view.ts';
import type { LocatedProject } from '../locate-project.ts';
import { portUses } from '../validation/host-claims.ts';
import { type ReadProject, withEmptySubmodules } from '../validation/read-project.ts';
import { readService } from '../validation/read-service.ts';
import { repositoryFiles } from '../validation/service-files.ts';

/** Which service publishes which host port, on any target. What is wrong with a service is not told here. */
export async function usedPorts(
  { top }: LocatedProject,
  view: RepositoryView,
  found: ReadProject,
): Promise<ReadonlyMap<number, string>> {
  const listing = await listFiles(top, false);
  const { folders } = found.project;
  const project = { ...found.project, view: withEmptySubmodules(view, listing.files) };
  const files = repositoryFiles(top, listing.files, folders);
  const services = await Promise.all(
    folders.map((folder) => readService({ top, project, files, shared: found.shared }, folder)),
  );
  const uses = await portUses({ ...found, project }, services);
  return new Map(uses.map(({ port, owner }) => [port, owner]));
}
