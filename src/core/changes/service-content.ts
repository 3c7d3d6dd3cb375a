import { digest, type InputContent } from '../fingerprint.ts';
import { manifestPath, type ServiceFolder } from '../project/discover.ts';
import type { Project } from '../project/project.ts';
import type { RepositoryView } from '../project/view.ts';
import { type FileSettings, ignoredOf, inputPatterns, sharedPatterns } from './service-patterns.ts';
import { contentOf, leavesOf } from './walk.ts';

/** What stands for the files of a service in its fingerprint. */
export async function ownContent(
  view: RepositoryView,
  folder: ServiceFolder,
  settings: FileSettings,
): Promise<string> {
  if (folder.id === '') throw new Error('A fingerprint is taken of a commit, not of a working tree.');
  const isIgnored = ignoredOf(folder, settings);
  if (isIgnored === undefined || folder.kind === 'submodule') return folder.id;
  return await contentWithout(view, folder, isIgnored);
}

/** The same without `service.yml`, for who takes into account what that says. */
export async function contentWithoutManifest(
  view: RepositoryView,
  folder: ServiceFolder,
  settings: FileSettings,
): Promise<string> {
  // Of a submodule only the commit is known here.
  if (folder.kind === 'submodule') return folder.id;
  const manifest = manifestPath(folder);
  const isIgnored = ignoredOf(folder, settings) ?? (() => false);
  return await contentWithout(view, folder, (path) => path === manifest || isIgnored(path));
}

async function contentWithout(
  view: RepositoryView,
  folder: ServiceFolder,
  isLeftOut: (path: string) => boolean,
): Promise<string> {
  const top = { path: folder.contentPath, kind: 'folder', id: folder.id } as const;
  const leaves = await leavesOf(view, top, (path) => !isLeftOut(path));
  return digest(leaves.map(({ path, kind, id }) => [path.slice(folder.contentPath.length), kind, id]));
}

/** What stands for everything outside of its folder that is part of a service: `inputs` and `shared`. */
export async function outerContent(
  project: Project,
  folder: ServiceFolder,
  settings: FileSettings,
): Promise<InputContent[]> {
  const shared = sharedPatterns(project.config, project.root, project.configPath)
    .filter((entry) => entry.concerns(folder.name))
    .flatMap((entry) => entry.patterns);
  return Promise.all(
    [...inputPatterns(folder, settings), ...shared].map(async (pattern) => ({
      pattern: pattern.text,
      found: await contentOf(project.view, pattern),
    })),
  );
}
