import { join } from 'node:path';
import { commitView } from '../adapters/git/commit-view.ts';
import { objectReader } from '../adapters/git/object-reader.ts';
import { quietGit } from '../adapters/snapshot/git.ts';
import { openServiceState } from '../adapters/state/service-state.ts';
import { type Freeze, judgeFreeze } from '../core/deploy/freeze.ts';
import { stateFolder } from '../core/deploy/state-layout.ts';
import type { Plan, PlanEntry } from '../core/plan.ts';
import { findFolder, loadProject } from '../core/project/project.ts';
import { loadService } from '../core/project/service.ts';
import { fingerprintService } from './fingerprint-service.ts';
import { locateProject } from './locate-project.ts';
import { nameRepository } from './name-repository.ts';

export interface FreezeQuestion {
  readonly cwd: string;
  readonly config?: string | undefined;
  /** The commit that was planned. */
  readonly commit: string;
  /** The `target` input. */
  readonly target?: string | undefined;
  /** owner/name; by default that of the remote `origin`. */
  readonly repository?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly hostEnv: NodeJS.ProcessEnv;
}

/**
 * The plan with what is frozen marked, by the freezes that are kept below `root`.
 */
export async function markFrozenBelow(root: string, plan: Plan, question: FreezeQuestion): Promise<Plan> {
  const freezes = await freezesBelow(root, plan, question);
  if (freezes.size === 0) return plan;
  const located = locateProject(question.cwd, question.config);
  const reader = objectReader(quietGit(located.top));
  try {
    const project = await loadProject(commitView(reader, question.commit), located);
    const options = question.target === undefined ? {} : { target: question.target };
    const mark = async (entry: PlanEntry): Promise<PlanEntry> => {
      const freeze = freezes.get(entry);
      if (freeze === undefined) return entry;
      const service = await loadService(project, findFolder(project, entry.service), options);
      const placement = service.placements.find((it) => it.target.name === entry.target.name);
      if (placement === undefined) return entry;
      const fingerprint = await fingerprintService(project, service, placement);
      const verdict = judgeFreeze(freeze, { fingerprint, force: false });
      return verdict === 'none' ? entry : { ...entry, frozen: { freeze, verdict } };
    };
    return { ...plan, entries: await Promise.all(plan.entries.map(mark)) };
  } finally {
    await reader.close();
  }
}

async function freezesBelow(
  root: string,
  plan: Plan,
  question: FreezeQuestion,
): Promise<ReadonlyMap<PlanEntry, Freeze>> {
  const { top } = locateProject(question.cwd, question.config);
  const repository = question.repository ?? (await nameRepository(top));
  const found = await Promise.all(
    plan.entries.map(async (entry) => {
      const key = { repository, target: entry.target.name, service: entry.service };
      const freeze = await openServiceState(join(root, stateFolder(key)), false).readFreeze();
      return freeze === undefined ? [] : [[entry, freeze] as const];
    }),
  );
  return new Map(found.flat());
}
