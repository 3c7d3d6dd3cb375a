import { relative } from 'node:path';
import { serviceFolders } from '../adapters/state/service-folders.ts';
import { openServiceState } from '../adapters/state/service-state.ts';
import type { HistoryLine } from '../core/deploy/release.ts';

/** A deployment, and of what it was one. */
export interface HostDeployment extends HistoryLine {
  readonly repository: string;
  readonly target: string;
  readonly service: string;
}

export interface HostHistoryRequest {
  readonly stateRoot: string;
  /** Only of these. */
  readonly repository?: string | undefined;
  readonly target?: string | undefined;
}

/** What was deployed on this host, newest first; empty when nothing was. */
export async function readHostHistory(request: HostHistoryRequest): Promise<HostDeployment[]> {
  const { stateRoot } = request;
  const folders = await serviceFolders(stateRoot);
  const all = await Promise.all(folders.map(async (folder) => await historyAt(stateRoot, folder)));
  return all
    .flat()
    .filter(
      (it) =>
        (request.repository ?? it.repository) === it.repository &&
        (request.target ?? it.target) === it.target,
    )
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

async function historyAt(stateRoot: string, folder: string): Promise<HostDeployment[]> {
  const state = openServiceState(folder, false);
  const [lines, current, kept] = await Promise.all([
    state.readHistory(),
    state.readCurrent(),
    state.listReleases(),
  ]);
  const [owner = '', name = '', target = '', service = ''] = relative(stateRoot, folder).split('/');
  // A record has the names as they are; folders may have been made safe.
  const record = current ?? (kept[0] === undefined ? undefined : await state.readRelease(kept[0]));
  const place = {
    repository: record?.repository ?? `${owner}/${name}`,
    target: record?.target ?? target,
    service: record?.service ?? service,
  };
  return lines.toReversed().map((line) => ({ ...place, ...line }));
}
