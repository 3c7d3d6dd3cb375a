import { isThere, type NewFile } from '../../adapters/files/create-files.ts';
import { workingTreeView } from '../../adapters/files/working-tree.ts';
import { type LaunchFile, launchFile } from '../../core/config/launch-file.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { LaunchError } from '../../core/errors.ts';
import { assertServiceName } from '../../core/names.ts';
import { problemsToError } from '../../core/problem.ts';
import { joinPath, type RepositoryView, readText } from '../../core/project/view.ts';
import { chooseTarget, type TargetChoice } from '../../core/scaffold/choose-target.ts';
import { modeline, schemaFolder } from '../../core/scaffold/editor-files.ts';
import { fillTemplate } from '../../core/scaffold/fill-template.ts';
import { nextFreePort } from '../../core/scaffold/free-port.ts';
import { withTarget } from '../../core/scaffold/launch-yml.ts';
import { suggestName } from '../../core/scaffold/service-name.ts';
import type { Template } from '../../core/scaffold/template.ts';
import type { LocatedProject } from '../locate-project.ts';
import { type ReadProject, readProject } from '../validation/read-project.ts';
import { filesOf } from './templates.ts';
import { usedPorts } from './used-ports.ts';

/** A repository as far as a new service has to go with it. */
export interface ServiceSurroundings {
  readonly location: LocatedProject;
  /** The folder that holds the services' folders, from the top. */
  readonly parent: string;
  /** From the top. */
  readonly launchYml: string;
  /** Its text; undefined where there is none. */
  readonly launchText: string | undefined;
  readonly config: LaunchFile;
  /** The names of the services that are there. */
  readonly services: readonly string[];
  /** Host port → the service that publishes it. */
  readonly ports: ReadonlyMap<number, string>;
}

/**
 * @param launchText of the launch.yml that is about to be written
 * @throws LaunchError CONFIG_INVALID when launch.yml is wrong, or services lie where a name does not say
 */
export async function lookAround(
  location: LocatedProject,
  launchText?: string,
): Promise<ServiceSurroundings> {
  const path = location.configPath ?? joinPath(location.root, 'launch.yml');
  const view = withText(workingTreeView(location.top), path, launchText);
  const found = await readProject(view, location);
  const { project } = found;
  if (!found.targetsKnown) throw brokenLaunchYml(found, await readText(view, path), path);
  return {
    location,
    parent: joinPath(location.root, parentOf(project.config, path)),
    launchYml: path,
    launchText: await readText(view, path),
    config: project.config,
    services: [...project.folders.map(({ name }) => name), ...found.unusable],
    ports: await usedPorts(location, view, found),
  };
}

/** One file of the working tree as it will be. */
function withText(view: RepositoryView, path: string, text: string | undefined): RepositoryView {
  if (text === undefined) return view;
  return {
    ...view,
    entries: (folder) => view.entries(folder),
    read: async (asked) => (asked === path ? Buffer.from(text) : await view.read(asked)),
  };
}

function brokenLaunchYml({ problems }: ReadProject, text: string | undefined, path: string): LaunchError {
  const parsed = parseConfig(launchFile, text ?? '', path);
  if (!parsed.ok) return problemsToError(parsed.problems);
  const [first] = problems;
  return new LaunchError('CONFIG_INVALID', first?.message ?? `${path} can't be read.`, {
    remedy: first?.remedy ?? 'Run `launch validate`.',
  });
}

/** `services/*` → `services`. */
function parentOf({ services }: LaunchFile, file: string): string {
  const globs = typeof services === 'string' ? [services] : services;
  for (const glob of globs) {
    const parent = /^((?:[A-Za-z0-9_][\w.-]*\/)+)\*\/?$/.exec(glob)?.[1];
    if (parent !== undefined) return parent.slice(0, -1);
  }
  throw new LaunchError('CONFIG_INVALID', `No folder for a new service follows from \`services\`.`, {
    place: { file },
    remedy: `Make it by hand, in a folder that one of these matches: ${globs.join(', ')}. See docs/ADDING-SERVICES.md.`,
  });
}

/** @throws LaunchError CONFIG_INVALID for a name that is wrong or taken */
export function assertFreeName(
  around: Pick<ServiceSurroundings, 'services' | 'location' | 'parent'>,
  name: string,
): void {
  const guess = suggestName(name);
  if (guess !== undefined && guess !== name) {
    try {
      assertServiceName(name);
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      throw new LaunchError(error.code, error.summary, {
        remedy: `${error.remedy} Did you mean "${guess}"?`,
      });
    }
  }
  assertServiceName(name);
  const folder = joinPath(around.parent, name);
  if (!around.services.includes(name) && !isThere(around.location.top, folder)) return;
  throw new LaunchError('CONFIG_INVALID', `There is a service or a folder "${name}" already.`, {
    place: { file: folder },
    remedy: 'Choose another name. Nothing has been written.',
  });
}

/** Where it can go; see `chooseTarget`. */
export function targetFor(
  { config }: ServiceSurroundings,
  template: Template,
  wanted: string | undefined,
): TargetChoice {
  return chooseTarget(config, template.driver, wanted);
}

/**
 * The host port of a new service; undefined where its template publishes none.
 *
 * @throws LaunchError CONFIG_INVALID for one that another service has
 */
export function portFor(
  { ports }: ServiceSurroundings,
  template: Template,
  wanted: number | undefined,
): number | undefined {
  if (template.port === undefined) {
    if (wanted === undefined) return undefined;
    throw new LaunchError('CONFIG_INVALID', `The template "${template.name}" publishes no port.`, {
      remedy: 'Leave --port out.',
    });
  }
  if (wanted !== undefined && (wanted < 1 || wanted > 65_535)) {
    throw new LaunchError('CONFIG_INVALID', `${wanted} is no port.`, {
      remedy: '--port takes a number from 1 to 65535.',
    });
  }
  const port = nextFreePort(wanted ?? template.port, new Set(ports.keys()));
  if (port === undefined) {
    throw new LaunchError('CONFIG_INVALID', 'No port is free.', { remedy: 'Name one with --port.' });
  }
  if (wanted === undefined || wanted === port) return port;
  const owner = ports.get(wanted);
  const whose = owner === undefined ? 'belongs to the host itself' : `is published by the service "${owner}"`;
  throw new LaunchError('CONFIG_INVALID', `The port ${wanted} ${whose}.`, {
    remedy: `Name another one; ${port} is free.`,
  });
}

export interface ServicePlan {
  readonly name: string;
  readonly template: Template;
  /** From the top. */
  readonly folder: string;
  /** Where it goes; undefined where the repository declares no target. */
  readonly target: string | undefined;
  /** The target that launch.yml declares for it now. */
  readonly addedTarget: string | undefined;
  readonly port: number | undefined;
  /** The names that its service.yml lists, and what they are. */
  readonly secrets: Template['secrets'];
  readonly files: readonly NewFile[];
}

export interface ServiceWishes {
  readonly name: string;
  readonly template: Template;
  /** Which target; `add` has launch.yml declare the template's own. */
  readonly target:
    | { readonly kind: 'default' | 'named'; readonly name: string | undefined }
    | { readonly kind: 'add' };
  readonly port: number | undefined;
  /** Whether the schemas are there, or will be. */
  readonly hasSchemas: boolean;
}

/** Every file of a new service; writes nothing. */
export function planService(around: ServiceSurroundings, wishes: ServiceWishes): ServicePlan {
  const { name, template, port } = wishes;
  assertFreeName(around, name);
  const folder = joinPath(around.parent, name);
  const added = wishes.target.kind === 'add' ? ownTarget(around, template) : undefined;
  const target = added?.name ?? (wishes.target.kind === 'add' ? undefined : wishes.target.name);
  const isNamed = wishes.target.kind !== 'default';
  const up = '../'.repeat(folder.split('/').length);
  const top = wishes.hasSchemas
    ? modeline(`${up}${joinPath(around.location.root, schemaFolder)}/service.schema.json`)
    : '';
  const files = filesOf(template, folder, { name, port }).map((file) => {
    if (file.path !== joinPath(folder, 'service.yml')) return file;
    return {
      ...file,
      text: `${top}${isNamed && target !== undefined ? `target: ${target}\n\n` : ''}${file.text}`,
    };
  });
  return {
    name,
    template,
    folder,
    target,
    addedTarget: added?.name,
    port,
    secrets: template.secrets.map((secret) => ({
      ...secret,
      name: fillTemplate(secret.name, { name, port }),
    })),
    files: added === undefined ? files : [...files, added.file],
  };
}

function ownTarget(
  around: ServiceSurroundings,
  { name, target }: Template,
): { readonly name: string; readonly file: NewFile } {
  if (target === undefined) {
    throw new LaunchError('CONFIG_INVALID', `No target of launch.yml is for the template "${name}".`, {
      place: { file: around.launchYml },
      remedy: 'Declare one without `driver`, or with the driver that it takes.',
    });
  }
  // Its only target would be where every service goes that names none.
  if (Object.keys(around.config.targets).length === 0 && around.services.length > 0) {
    throw new LaunchError(
      'CONFIG_INVALID',
      'launch.yml declares no target for the services that are there.',
      {
        place: { file: around.launchYml },
        remedy: 'Declare one and name it under `defaults`, or run `launch init`.',
      },
    );
  }
  const taken = Object.keys(around.config.targets);
  const free =
    [target.name, ...Array.from({ length: 9 }, (_, index) => `${target.name}-${index + 2}`)].find(
      (it) => !taken.includes(it),
    ) ?? target.name;
  return {
    name: free,
    file: {
      path: around.launchYml,
      text: withTarget(around.launchText ?? '', free, target.settings),
      replace: around.launchText !== undefined,
    },
  };
}
