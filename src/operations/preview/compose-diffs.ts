import { diffTexts } from '../../adapters/git/diff-texts.ts';
import { openHistory } from '../../adapters/git/history.ts';
import type { Detection } from '../../core/changes/detection.ts';
import { composeOverrideNames } from '../../core/compose/compose-file.ts';
import type { Tree } from '../../core/compose/resolve-compose.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import { type ComposeChange, type ComposeChanges, mostCompared } from '../../core/preview/compose-changes.ts';
import { hideSecrets } from '../../core/preview/hide-secrets.ts';
import { asLines, resolveService } from '../../core/preview/resolved-service.ts';
import { statefulChanges } from '../../core/preview/stateful-changes.ts';
import type { ServiceFolder } from '../../core/project/discover.ts';
import { loadProject, type Project } from '../../core/project/project.ts';
import { loadService, type Service } from '../../core/project/service.ts';
import { joinPath, readText } from '../../core/project/view.ts';
import type { DetectOptions } from '../detect-changes.ts';
import { locateProject } from '../locate-project.ts';
import { type ComposeAt, readComposeAt } from './read-compose-at.ts';

/**
 * How the resolved configuration of the planned compose services differs from that at the base, for each target.
 * Nothing of it is run, asked or fetched from elsewhere; what can't be read is told as such.
 */
export async function compareCompose(
  options: DetectOptions,
  detection: Detection,
  plan: Plan,
): Promise<ComposeChanges> {
  const { base, head } = detection;
  const byService = Map.groupBy(
    plan.entries.filter(({ driver }) => driver === 'compose'),
    ({ service }) => service,
  );
  const nothing = { changes: [], unread: [], uncompared: 0 };
  if (base === undefined || head === undefined || byService.size === 0) return nothing;
  const location = locateProject(options.cwd, options.config);
  const history = openHistory(location.top, options);
  try {
    const obtained = await history.obtain([base]);
    if (!obtained.ok) return { ...nothing, uncompared: byService.size };
    const [older, newer] = await Promise.all(
      [base, head].map((commit) => loadProject(history.view(commit), location)),
    );
    if (older === undefined || newer === undefined) return nothing;
    const { suspects, unseen } = await findSuspects(older, newer, byService);
    const asked = suspects.slice(0, mostCompared);
    const compared = await Promise.all(asked.map((suspect) => compareService(older, newer, suspect)));
    const pairs = compared.flatMap(({ pairs: found }) => found);
    const texts = await diffTexts(pairs);
    return {
      changes: pairs.map(({ service, targets, isNew, stateful }, index): ComposeChange => {
        return { service, targets, isNew, stateful, diff: texts?.[index] ?? '' };
      }),
      unread: compared.flatMap(({ unread }) => unread),
      uncompared: suspects.length - asked.length + unseen,
    };
  } catch (error) {
    // What was before can't be read; that stands in the way of no pull request.
    if (!(error instanceof LaunchError)) throw error;
    return { ...nothing, uncompared: byService.size };
  } finally {
    await history.close();
  }
}

interface Suspect {
  readonly folder: ServiceFolder;
  readonly before: ServiceFolder | undefined;
  readonly targets: readonly string[];
}

type Planned = ReadonlyMap<string, Plan['entries']>;

/**
 * Those whose configuration could differ, in the order of the plan; told by git's ids, and of the others by whether they
 * lead elsewhere. Looked for until there are enough.
 */
async function findSuspects(
  older: Project,
  newer: Project,
  planned: Planned,
): Promise<{ readonly suspects: readonly Suspect[]; readonly unseen: number }> {
  const [before, now] = [older, newer].map(
    ({ folders }) => new Map(folders.map((folder) => [folder.name, folder])),
  );
  const waiting = [...planned].flatMap(([name, entries]): Suspect[] => {
    const folder = now?.get(name);
    const targets = entries.map(({ target }) => target.name);
    return folder === undefined ? [] : [{ folder, before: before?.get(name), targets }];
  });
  const suspects: Suspect[] = [];
  let seen = 0;
  while (suspects.length < mostCompared && seen < waiting.length) {
    const some = waiting.slice(seen, seen + mostCompared);
    const differs = await Promise.all(some.map((suspect) => mayDiffer(older, newer, suspect)));
    suspects.push(...some.filter((_suspect, index) => differs[index]));
    seen += some.length;
  }
  return { suspects, unseen: waiting.length - seen };
}

async function mayDiffer(older: Project, newer: Project, { folder, before }: Suspect): Promise<boolean> {
  if (before === undefined || before.contentPath !== folder.contentPath) return true;
  const [old, now] = await Promise.all([filesOf(older, before), filesOf(newer, folder)]);
  if (old !== now) return true;
  if (folder.shape.compose === undefined) return false;
  const text = await readText(newer.view, joinPath(folder.contentPath, folder.shape.compose));
  return /\b(?:extends|include)\b/.test(text ?? '');
}

async function filesOf({ view }: Project, { contentPath, shape }: ServiceFolder): Promise<string> {
  const names = new Set([shape.compose, shape.manifest, 'target.txt', '.env', ...composeOverrideNames]);
  const entries = (await view.entries(contentPath)) ?? [];
  return entries
    .filter(({ name }) => names.has(name))
    .map(({ name, id }) => `${name} ${id}`)
    .join(' ');
}

interface Pair extends Omit<ComposeChange, 'diff'> {
  readonly before: string;
  readonly after: string;
}

interface Compared {
  readonly pairs: readonly Pair[];
  readonly unread: ComposeChanges['unread'];
}

/** Targets for which the same differs are told together. */
async function compareService(older: Project, newer: Project, suspect: Suspect): Promise<Compared> {
  const { folder, before, targets } = suspect;
  const service = folder.name;
  const now = await readState(newer, folder);
  if (!now.ok) return { pairs: [], unread: [{ service, why: now.why }] };
  const then = before === undefined ? undefined : await readState(older, before);
  if (then?.ok === false)
    return { pairs: [], unread: [{ service, why: `what it was can't be read: ${then.why}` }] };
  const pairs = new Map<string, Pair & { targets: string[] }>();
  for (const target of targets) {
    const trees = hideSecrets(then?.on(target), now.on(target));
    const [old, fresh] = [asLines(trees.before), asLines(trees.after)];
    if (old === fresh) continue;
    const key = JSON.stringify([old, fresh]);
    const known = pairs.get(key);
    if (known !== undefined) known.targets.push(target);
    else {
      const stateful =
        trees.before === undefined || trees.after === undefined
          ? []
          : statefulChanges(trees.before, trees.after, now.stateful);
      const isNew = trees.before === undefined;
      pairs.set(key, { service, targets: [target], isNew, stateful, before: old, after: fresh });
    }
  }
  return { pairs: [...pairs.values()], unread: [] };
}

type State =
  | {
      readonly ok: true;
      readonly stateful: readonly string[];
      /** What it comes to on a target; undefined where it does not go there. */
      on(target: string): Tree | undefined;
    }
  | { readonly ok: false; readonly why: string };

async function readState(project: Project, folder: ServiceFolder): Promise<State> {
  let service: Service;
  try {
    service = await loadService(project, folder, { withoutUrl: true });
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return { ok: false, why: error.summary };
  }
  const compose: ComposeAt = await readComposeAt(project.view, folder, service.settings.env);
  if (!compose.ok) return compose;
  return {
    ok: true,
    stateful: service.settings.stateful,
    on(name) {
      const placement = service.placements.find(({ target }) => target.name === name);
      if (placement?.driver !== 'compose') return undefined;
      return resolveService({ service: folder.name, settings: placement.settings, ...compose });
    },
  };
}
