import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { workingTreeView } from '../adapters/files/working-tree.ts';
import { counted } from '../core/counted.ts';
import { type Finding, failed, ok } from '../core/diagnosis.ts';
import { LaunchError } from '../core/errors.ts';
import { loadProject } from '../core/project/project.ts';
import { sopsFileName } from '../core/secrets/sops-file.ts';
import { findProject } from './locate-project.ts';
import { nameRepository } from './name-repository.ts';

export interface DiagnosedRepository {
  readonly findings: readonly Finding[];
  /** owner/name and the services; undefined outside of a checkout, or where they can't be read. */
  readonly repository: { readonly name: string; readonly services: ReadonlySet<string> } | undefined;
  /** Whether a service of it is deployed by compose. */
  readonly needsDocker: boolean;
  /** Whether a service of it has a file that sops has encrypted. */
  readonly needsSops: boolean;
}

/** The checkout that `cwd` is in, as far as a deployment from it needs it. */
export async function diagnoseRepository(cwd: string): Promise<DiagnosedRepository> {
  const nothing = { findings: [], repository: undefined, needsDocker: false, needsSops: false };
  const location = findProject(cwd);
  if (location === undefined) return nothing;
  try {
    const { folders } = await loadProject(workingTreeView(location.top), location);
    const said = counted(folders.length, 'service');
    return {
      findings: [ok('repository', said)],
      repository: {
        name: await nameRepository(location.top),
        services: new Set(folders.map(({ name }) => name)),
      },
      needsDocker: folders.some(({ shape }) => shape.compose !== undefined),
      needsSops: folders.some((it) => existsSync(join(location.top, it.contentPath, sopsFileName))),
    };
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return { ...nothing, findings: [failed('repository', error.summary, error.remedy)] };
  }
}
