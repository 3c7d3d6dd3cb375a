import { isThere, type NewFile } from '../../adapters/files/create-files.ts';
import { readSource } from '../../adapters/files/source-file.ts';
import { git } from '../../adapters/git/command.ts';
import { quietGit } from '../../adapters/snapshot/git.ts';
import { joinPath } from '../../core/project/view.ts';
import { editorSettings, schemaFiles, schemaFolder } from '../../core/scaffold/editor-files.ts';
import { type FirstTarget, newLaunchYml } from '../../core/scaffold/launch-yml.ts';
import { adaptStarter, isPlainBranch, type LaunchCopy } from '../../core/scaffold/starter-workflow.ts';
import type { LocatedProject } from '../locate-project.ts';
import { readPackageFile } from './package-files.ts';

/** `reusable`: they call Launch's own, which takes the same owner. `standalone`: their jobs are the repository's. */
export type WorkflowForm = 'reusable' | 'standalone';

const starters = ['launch-deploy', 'launch-pr', 'launch-rollback'] as const;

export interface InitWishes {
  readonly target: FirstTarget;
  readonly copy: LaunchCopy;
  readonly form: WorkflowForm;
  readonly branch: string;
  /** Whether workflows and schemas that are there are written anew. */
  readonly force: boolean;
}

export type InitFileStatus = 'written' | 'replaced' | 'kept';

export interface InitFile {
  readonly path: string;
  /** `kept`: it is there already, and stays as it is. */
  readonly status: InitFileStatus;
  /** What would be in it. */
  readonly text: string;
}

/** The text of launch.yml as `launch init` writes it; whether its values are right is for its schema to say. */
export function launchYmlFor(target: FirstTarget): string {
  return newLaunchYml(target, `${schemaFolder}/launch.schema.json`);
}

/** What a repository needs for Launch, and what of it is there; writes nothing. */
export function planInit(
  { top, root }: LocatedProject,
  { target, copy, form, branch, force }: InitWishes,
): InitFile[] {
  const ending = form === 'standalone' ? '-standalone.yml' : '.yml';
  const files: readonly (NewFile & { readonly ours: boolean })[] = [
    { path: joinPath(root, 'launch.yml'), text: launchYmlFor(target), ours: false },
    { path: joinPath(root, 'services/README.md'), text: servicesReadme, ours: false },
    // GitHub looks for them at the top only.
    ...starters.map((name) => ({
      path: `.github/workflows/${name}.yml`,
      text: adaptStarter(readPackageFile(`workflows/${name}${ending}`), copy, branch),
      ours: true,
    })),
    ...schemaFiles.map((name) => ({
      path: joinPath(root, schemaFolder, name),
      text: readPackageFile(`schemas/${name}`),
      ours: true,
    })),
    { path: joinPath(root, '.vscode/settings.json'), text: editorSettings('services'), ours: false },
  ];
  return files.map(({ path, text, ours }): InitFile => {
    if (!isThere(top, path)) return { path, text, status: 'written' };
    const source = readSource(top, path);
    const isSame = source.kind === 'text' && source.text === text;
    return { path, text, status: force && ours && !isSame ? 'replaced' : 'kept' };
  });
}

/** What of a plan is to be written. */
export function filesToWrite(files: readonly InitFile[]): NewFile[] {
  return files
    .filter(({ status }) => status !== 'kept')
    .map(({ path, text, status }) => ({ path, text, replace: status === 'replaced' }));
}

/** The branch that is checked out; `main` where that can't be told or would have to be quoted. */
export async function branchHere(top: string): Promise<string> {
  const answer = await git(quietGit(top), ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  const branch = answer.stdout.trim();
  return answer.exitCode === 0 && isPlainBranch(branch) ? branch : 'main';
}

const servicesReadme = `# Services

One folder for each service: \`launch new\` makes them.
`;
