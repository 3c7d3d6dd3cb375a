import type { DriverName } from '../config/fields.ts';
import type { ServiceFile } from '../config/service-file.ts';
import { inputPlace, LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import { problemsToError } from '../problem.ts';
import {
  builtInTarget,
  chooseTargets,
  findTarget,
  type NamedTargets,
  type Target,
  type TargetSource,
} from '../targets/target.ts';
import { manifestPath, type ServiceFolder } from './discover.ts';
import { atManifestLine, manifestPlace } from './manifest-place.ts';
import type { Project } from './project.ts';
import {
  meaninglessKeys,
  noMeaning,
  overrideOf,
  settingsOn,
  type TargetSettings,
  targetsIn,
} from './target-settings.ts';
import { serviceUrl } from './url.ts';
import { joinPath, readText } from './view.ts';

export { manifestPath };

/** A service with every setting resolved: what plan, validation and deployment work on. */
export interface Service {
  readonly name: string;
  readonly folder: ServiceFolder;
  /** What holds on all of its targets; see `serviceOn` and `Placement.settings` for what holds on one. */
  readonly settings: TargetSettings;
  readonly placements: readonly Placement[];
}

/** One target of a service, and how the service gets there. */
export interface Placement {
  readonly target: Target;
  readonly source: TargetSource;
  readonly driver: DriverName;
  /** Shown to people; undefined where neither `url`, `route` nor the target's `host` and a port give one. */
  readonly url: string | undefined;
  /** The service's settings with what differs on this target. */
  readonly settings: TargetSettings;
}

/** The service as it is on one of its targets. */
export function serviceOn(service: Service, placement: Placement): Service {
  return { ...service, settings: placement.settings, placements: [placement] };
}

export interface ServiceOptions {
  /** The `target` input: overrides every other place that names one. */
  readonly target?: string;
  /** What `loadServiceFile` gave, when it was asked before. */
  readonly settings?: ServiceFile;
  /** Whether nobody wants to know the URLs: they take reading the compose file. */
  readonly withoutUrl?: boolean;
}

/** @throws LaunchError CONFIG_INVALID or TARGET_UNKNOWN, at the place that is wrong. */
export async function loadService(
  project: Project,
  folder: ServiceFolder,
  options: ServiceOptions = {},
): Promise<Service> {
  const settings = options.settings ?? (await loadServiceFile(project, folder));
  const manifest = manifestPath(folder);
  const named = chooseTargets([
    fromInput(options.target),
    fromServiceFile(settings, { file: manifest }),
    await fromTargetFile(project, folder),
    fromDefaults(project),
    fromTheOnlyTarget(project),
  ]);
  if (named === undefined) {
    throw new LaunchError('TARGET_UNKNOWN', `The service "${folder.name}" has no target.`, {
      place: { file: manifest },
      remedy:
        'Name one in service.yml (`target: homelab`), in target.txt, or for all in launch.yml (`defaults: {target: homelab}`).',
    });
  }
  const composeText = async () =>
    folder.shape.compose === undefined
      ? undefined
      : await readText(project.view, joinPath(folder.contentPath, folder.shape.compose));
  const placements = await Promise.all(
    named.names.map(async (name): Promise<Placement> => {
      const target = await atManifestLine(project.view, folder, targetPath(settings, name), () =>
        findTarget(project.config, name, named.place),
      );
      const driver = chooseDriver(folder, settings, target);
      const [meaningless] = meaninglessKeys(overrideOf(settings, name), driver);
      if (meaningless !== undefined) {
        const place = await manifestPlace(project.view, folder, ['targets', name, meaningless]);
        throw noMeaning(meaningless, { target: name, driver }, place);
      }
      const here = settingsOn(settings, name);
      const url =
        options.withoutUrl === true
          ? undefined
          : await serviceUrl({ settings: here, target, driver, composeText });
      return { target, source: named.source, driver, url, settings: here };
    }),
  );
  return { name: folder.name, folder, settings, placements };
}

/** Where service.yml names the target. */
function targetPath({ targets }: ServiceFile, name: string): readonly (string | number)[] {
  if (targets === undefined) return ['target'];
  return ['targets', Array.isArray(targets) ? targets.indexOf(name) : name];
}

/** What holds for a service without service.yml; a test holds it against the schema. */
export const noServiceFile: ServiceFile = {
  enabled: true,
  strategy: 'recreate',
  drain: 30_000,
  stateful: [],
  'depends-on': [],
  inputs: [],
  ignore: [],
  secrets: [],
  env: {},
  health: [],
  hooks: {},
  'on-delete': 'report',
};

/** @throws LaunchError CONFIG_INVALID at the line that is wrong. */
export async function loadServiceFile(project: Project, folder: ServiceFolder): Promise<ServiceFile> {
  if (folder.shape.manifest === undefined) return noServiceFile;
  const path = manifestPath(folder);
  const text = await readText(project.view, path);
  // Loaded only for a repository that has one: YAML and schemas take longer to load than all the rest.
  const [{ parseConfig }, { serviceFile }] = await Promise.all([
    import('../config/parse.ts'),
    import('../config/service-file.ts'),
  ]);
  const parsed = parseConfig(serviceFile, text ?? '', path);
  if (!parsed.ok) throw problemsToError(parsed.problems);
  return parsed.value;
}

function fromInput(target: string | undefined): NamedTargets | undefined {
  if (target === undefined || target === '') return undefined;
  return { names: [target], source: 'input', place: inputPlace('target') };
}

function fromServiceFile(settings: ServiceFile, place: Place): NamedTargets | undefined {
  const [first, ...rest] = new Set(targetsIn(settings));
  return first === undefined ? undefined : { names: [first, ...rest], source: 'service.yml', place };
}

async function fromTargetFile(project: Project, folder: ServiceFolder): Promise<NamedTargets | undefined> {
  if (!folder.shape.targetFile) return undefined;
  const file = joinPath(folder.contentPath, 'target.txt');
  const name = ((await readText(project.view, file)) ?? '').trim();
  if (name === '' || /\s/.test(name)) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `target.txt must hold one target's name, not "${printable(name)}".`,
      {
        place: { file, line: 1 },
        remedy: 'Write one name, or use `targets: [a, b]` in service.yml for several.',
      },
    );
  }
  return { names: [name], source: 'target.txt', place: { file, line: 1 } };
}

function fromDefaults(project: Project): NamedTargets | undefined {
  const name = project.config.defaults.target;
  return name === undefined
    ? undefined
    : { names: [name], source: 'defaults', place: { file: project.configPath } };
}

/**
 * Where nothing names a target, one that is the only one declared is meant; and where none is declared, any
 * self-hosted runner will do, so that a repository without configuration works.
 */
function fromTheOnlyTarget(project: Project): NamedTargets | undefined {
  const declared = Object.keys(project.config.targets);
  const [only] = declared;
  if (declared.length > 1) return undefined;
  return { names: [only ?? builtInTarget.name], source: 'built-in', place: { file: project.configPath } };
}

function chooseDriver(folder: ServiceFolder, settings: ServiceFile, target: Target): DriverName {
  const { shape } = folder;
  const possible: DriverName[] = [];
  if (shape.compose !== undefined) possible.push('compose');
  if (shape.wrangler !== undefined) possible.push('worker');
  if (shape.deployScript) possible.push('script');
  const wanted = settings.driver ?? target.driver ?? possible[0];
  const place = { file: manifestPath(folder) };
  // A submodule is looked into only once it is checked out, on the runner.
  if (folder.kind === 'submodule' && possible.length === 0) return wanted ?? 'compose';
  if (wanted === undefined) {
    throw new LaunchError('CONFIG_INVALID', `The service "${folder.name}" has no way to deploy.`, {
      place,
      remedy: 'Add a compose file, a wrangler configuration or deploy.sh to its folder.',
    });
  }
  if (!possible.includes(wanted)) {
    const needs = {
      compose: 'a compose file',
      worker: 'wrangler.jsonc or wrangler.toml',
      script: 'deploy.sh',
    }[wanted];
    const from = settings.driver === undefined ? `its target "${target.name}" says` : 'service.yml says';
    throw new LaunchError(
      'CONFIG_INVALID',
      `The service "${folder.name}" is to be deployed as "${wanted}" (${from}), but has no ${needs.replace(/^a /, '')}.`,
      {
        place,
        remedy: `Add ${needs}, or name another driver or target.`,
      },
    );
  }
  return wanted;
}
