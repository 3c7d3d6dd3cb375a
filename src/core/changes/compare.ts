import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import { manifestPath, type ServiceFolder } from '../project/discover.ts';
import type { Project } from '../project/project.ts';
import { readAll } from '../project/view.ts';
import { canonical, settingsOf } from '../resolved-settings.ts';
import { findDifferences } from './differences.ts';
import type { PathPattern } from './pattern.ts';
import { countedFiles, filesReason, patternReason, type Reason, unlistedReason } from './reasons.ts';
import { mayHaveMoved, targetsDiffer } from './relocation.ts';
import type { IsIgnored } from './service-patterns.ts';

export interface Comparison {
  /** Each changed service with the reasons, by name. */
  readonly changed: ReadonlyMap<string, readonly Reason[]>;
  /** Services that are no longer there. */
  readonly deleted: readonly string[];
  /** Those of the changed ones that were there before and may go elsewhere now, or in another way. */
  readonly relocated: readonly string[];
}

/**
 * Of a change of up to `allDetailed` services the files are looked for in each, of a larger one only in the
 * first few; that the others changed says the id of their folder alone. So a comparison costs about the same
 * however large the change is.
 */
const [allDetailed, fewDetailed] = [20, 5];

/**
 * What differs between two states of a project, service by service. What a service is made of (`inputs`,
 * `ignore`) is taken from the newer state; where that changed, its manifest did, and with it the service.
 */
export async function compareProjects(
  older: Project,
  newer: Project,
  manifests: Manifests,
): Promise<Comparison> {
  const before = new Map(older.folders.map((folder) => [folder.name, folder]));
  const now = new Set(newer.folders.map((folder) => folder.name));
  const context = await contextOf(older, newer);
  const suspects = newer.folders.flatMap((folder) => {
    const suspect = { folder, before: before.get(folder.name), manifest: manifests.get(folder) ?? silent };
    return isSuspect(context, suspect) ? [suspect] : [];
  });
  const compared = await Promise.all(
    suspects.map(async (suspect, index) => {
      const limit = suspects.length <= allDetailed || index < fewDetailed ? countedFiles : 1;
      return [suspect.folder.name, await reasonsFor(context, suspect, limit)] as const;
    }),
  );
  const changed = new Map(compared.filter(([, reasons]) => reasons.length > 0));
  return {
    changed,
    deleted: older.folders.map(({ name }) => name).filter((name) => !now.has(name)),
    relocated: await relocatedOf(
      context,
      suspects.filter(({ folder }) => changed.has(folder.name)),
    ),
  };
}

async function relocatedOf({ older, newer }: Context, changed: readonly Suspect[]): Promise<string[]> {
  const all = targetsDiffer(older, newer);
  const moved = await Promise.all(
    changed.map(async ({ folder, before }) => {
      if (before === undefined) return [];
      return all || (await mayHaveMoved([older, before], [newer, folder])) ? [folder.name] : [];
    }),
  );
  return moved.flat();
}

interface Context {
  readonly older: Project;
  readonly newer: Project;
  /** Whether `launch.yml` could make a difference to a service that is otherwise the same. */
  readonly settingsMayDiffer: boolean;
  /** What changed in the `shared` paths, found once for all services. */
  readonly shared: readonly { readonly reason: Reason; concerns(service: string): boolean }[];
}

async function contextOf(older: Project, newer: Project): Promise<Context> {
  const entries = await sharedEntries(newer);
  const shared = await Promise.all(
    entries.map(async ({ patterns, concerns }) => {
      const reasons = await Promise.all(
        patterns.map((pattern) => patternDifference(older, newer, 'shared', pattern)),
      );
      return reasons.filter((reason) => reason !== undefined).map((reason) => ({ reason, concerns }));
    }),
  );
  return {
    older,
    newer,
    settingsMayDiffer: canonical(older.config) !== canonical(newer.config),
    shared: shared.flat(),
  };
}

/** Patterns are loaded where there are some. */
async function sharedEntries({ config, root, configPath }: Project) {
  if (config.shared.length === 0) return [];
  const { sharedPatterns } = await import('./service-patterns.ts');
  return sharedPatterns(config, root, configPath);
}

/** Which keys a manifest may have; told by its bytes, because nearly none of a thousand has one. */
interface Manifest {
  readonly mayHaveInputs: boolean;
  readonly mayHaveIgnore: boolean;
}

const silent: Manifest = { mayHaveInputs: false, mayHaveIgnore: false };

/** Of the newer state; read once, whatever it is compared with. */
export type Manifests = ReadonlyMap<ServiceFolder, Manifest>;

export async function readManifests({ view, folders }: Project): Promise<Manifests> {
  const having = folders.filter((folder) => folder.shape.manifest !== undefined);
  const contents = await readAll(view, having.map(manifestPath));
  return new Map(having.map((folder, index) => [folder, manifestIn(contents[index])]));
}

function manifestIn(bytes: Uint8Array | undefined): Manifest {
  if (bytes === undefined) return silent;
  const text = (bytes instanceof Buffer ? bytes : Buffer.from(bytes)).toString('latin1');
  // YAML may write a key with escapes, as "\x69nputs"; a backslash is as rare as the keys themselves.
  const escaped = text.includes('\\');
  return {
    mayHaveInputs: escaped || text.includes('inputs'),
    mayHaveIgnore: escaped || text.includes('ignore'),
  };
}

interface Suspect {
  readonly folder: ServiceFolder;
  readonly before: ServiceFolder | undefined;
  readonly manifest: Manifest;
}

/** Whether a service could have changed; for nearly all of them this is the last question. */
function isSuspect(context: Context, { folder, before, manifest }: Suspect): boolean {
  return (
    before === undefined ||
    before.id !== folder.id ||
    before.path !== folder.path ||
    manifest.mayHaveInputs ||
    context.settingsMayDiffer ||
    context.shared.some((it) => it.concerns(folder.name))
  );
}

async function reasonsFor(context: Context, suspect: Suspect, limit: number): Promise<Reason[]> {
  const { folder, before } = suspect;
  if (before === undefined) return [{ kind: 'new', text: 'it is new' }];
  const moved: Reason[] =
    before.path === folder.path && before.kind === folder.kind
      ? []
      : [{ kind: 'moved', text: `it was the ${before.kind} ${printable(before.path)}` }];
  const shared = context.shared.filter((it) => it.concerns(folder.name)).map((it) => it.reason);
  let inputs: readonly PathPattern[];
  let files: Reason | undefined;
  try {
    const made = await madeOf(context.newer, suspect);
    inputs = made.inputs;
    files = await ownDifference(context, { folder, before, isIgnored: made.isIgnored, limit });
  } catch (error) {
    // What it is made of is not known then. Validation tells of it at the right line.
    if (!(error instanceof LaunchError) || error.code !== 'CONFIG_INVALID') throw error;
    return [{ kind: 'settings', text: `${manifestPath(folder)} is not valid: ${error.summary}` }];
  }
  const changedInputs = await Promise.all(
    inputs.map((pattern) => patternDifference(context.older, context.newer, 'input', pattern)),
  );
  const reasons = [...moved, files, ...changedInputs, ...shared].filter((reason) => reason !== undefined);
  if (reasons.length > 0 || !(await settingsDiffer(context, before, folder))) return reasons;
  return [{ kind: 'settings', text: `${context.newer.configPath} gives it other settings` }];
}

interface MadeOf {
  readonly inputs: readonly PathPattern[];
  readonly isIgnored: IsIgnored | undefined;
}

/** The manifest is parsed only where it matters. */
async function madeOf(project: Project, { folder, before, manifest }: Suspect): Promise<MadeOf> {
  const matters = manifest.mayHaveInputs || (manifest.mayHaveIgnore && before?.id !== folder.id);
  if (!matters) return { inputs: [], isIgnored: undefined };
  const { loadServiceFile } = await import('../project/service.ts');
  const { ignoredOf, inputPatterns } = await import('./service-patterns.ts');
  const settings = await loadServiceFile(project, folder);
  return { inputs: inputPatterns(folder, settings), isIgnored: ignoredOf(folder, settings) };
}

interface OwnFiles {
  readonly folder: ServiceFolder;
  readonly before: ServiceFolder;
  readonly isIgnored: IsIgnored | undefined;
  readonly limit: number;
}

async function ownDifference(
  { older, newer }: Context,
  { folder, before, isIgnored, limit }: OwnFiles,
): Promise<Reason | undefined> {
  if (before.id === folder.id) return undefined;
  // The ids say that it changed; which files did is told of the first services only.
  if (limit === 1 && isIgnored === undefined) return unlistedReason;
  const differences = await findDifferences(
    { view: older.view, path: before.contentPath },
    { view: newer.view, path: folder.contentPath },
    { accepts: (path) => isIgnored?.(path) !== true, limit },
  );
  if (differences.found.length > 0) return filesReason(differences);
  // A symlink that points elsewhere, at the same content, is still another service folder.
  return folder.kind === 'symlink' && before.contentPath !== folder.contentPath
    ? { kind: 'moved', text: `it pointed at ${printable(before.contentPath)}` }
    : undefined;
}

async function patternDifference(
  older: Project,
  newer: Project,
  kind: 'input' | 'shared',
  pattern: PathPattern,
): Promise<Reason | undefined> {
  const differences = await findDifferences(
    { view: older.view, path: pattern.start },
    { view: newer.view, path: pattern.start },
    { accepts: (path) => pattern.matches(path), limit: countedFiles },
  );
  return differences.found.length === 0 ? undefined : patternReason(kind, pattern.text, differences);
}

async function settingsDiffer(
  context: Context,
  before: ServiceFolder,
  folder: ServiceFolder,
): Promise<boolean> {
  if (!context.settingsMayDiffer) return false;
  const [old, now] = await Promise.all([
    resolvedSettings(context.older, before),
    resolvedSettings(context.newer, folder),
  ]);
  return old !== now;
}

/** Everything that `launch.yml` and the manifest make of a service; what can't be resolved compares as such. */
async function resolvedSettings(project: Project, folder: ServiceFolder): Promise<string> {
  const shared = (await sharedEntries(project))
    .filter((entry) => entry.concerns(folder.name))
    .flatMap((entry) => entry.patterns.map((pattern) => pattern.text));
  try {
    const { loadService } = await import('../project/service.ts');
    const service = await loadService(project, folder);
    const settings = service.placements.map((placement) => settingsOf(project.config, placement));
    return canonical({ shared, settings });
  } catch (error) {
    if (error instanceof LaunchError) return canonical({ shared, error: error.code });
    throw error;
  }
}
