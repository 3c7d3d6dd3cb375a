import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { type ComposeModel, type ComposeService, composeVolume } from './compose-model.ts';
import {
  escapeDollar,
  type MountContext,
  type MountPlan,
  mountLocation,
  movedVolume,
  repositoryPath,
} from './mount-plan.ts';

export interface Owner {
  readonly repository: string;
  readonly target: string;
  readonly service: string;
}

/** Labels of every container that Launch deploys. Stable: a label that changes would recreate its container. */
export function ownerLabels(owner: Owner): Record<string, string> {
  return {
    'launch.service': owner.service,
    'launch.target': owner.target,
    'launch.repository': escapeDollar(owner.repository),
  };
}

const movedFile = z.object({ file: z.string() });

/** What Launch adds to a compose file, as its own file in a release says it. */
export const additionsFile = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      labels: z.optional(z.record(z.string(), z.string())),
      volumes: z.optional(z.array(composeVolume)),
    }),
  ),
  configs: z.optional(z.record(z.string(), movedFile)),
  secrets: z.optional(z.record(z.string(), movedFile)),
});

export type Additions = z.infer<typeof additionsFile>;

/**
 * What Launch adds to a service's own compose file: its labels, and the places mounts come from. Compose merges
 * mounts by their place in the container, so that each takes the place of the original one.
 */
export function composeAdditions(
  model: ComposeModel,
  plan: MountPlan,
  owner: Owner,
  context: MountContext,
): Additions {
  const configs = movedFiles(model.configs, plan, context);
  const secrets = movedFiles(model.secrets, plan, context);
  const services = Object.entries(model.services).map(([name, service]) => {
    const volumes = (service.volumes ?? []).flatMap((volume) => movedVolume(volume, plan, context) ?? []);
    const files = fileSeal(service, configs, secrets);
    const labels = { ...ownerLabels(owner), ...(files === undefined ? {} : { 'launch.files': files }) };
    return [name, { labels, ...(volumes.length === 0 ? {} : { volumes }) }] as const;
  });
  return {
    services: Object.fromEntries(services),
    ...(Object.keys(configs).length === 0 ? {} : { configs }),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
  };
}

function movedFiles(
  entries: ComposeModel['configs'],
  plan: MountPlan,
  context: MountContext,
): Record<string, { file: string }> {
  const moved: Record<string, { file: string }> = {};
  for (const [name, entry] of Object.entries(entries ?? {})) {
    const path = repositoryPath(entry.file, context);
    const source = path === undefined ? undefined : plan.sources.get(path);
    if (source !== undefined)
      moved[name] = { file: escapeDollar(`${context.state}/${mountLocation(source)}`) };
  }
  return moved;
}

/** Compose does not see that a config's or secret's file is another one; a label that changes with it tells it. */
function fileSeal(
  service: ComposeService,
  configs: Readonly<Record<string, { readonly file: string }>>,
  secrets: Readonly<Record<string, { readonly file: string }>>,
): string | undefined {
  const used = [
    ...(service.configs ?? []).flatMap((it) => configs[it.source ?? '']?.file ?? []),
    ...(service.secrets ?? []).flatMap((it) => secrets[it.source ?? '']?.file ?? []),
  ];
  if (used.length === 0) return undefined;
  return createHash('sha256').update(used.join('\n')).digest('hex').slice(0, 16);
}

/**
 * The file that `COMPOSE_FILE` names: the project, and the service's own files with the additions over them. By
 * including the originals as they are, no value that a variable stands for is ever written down.
 */
export function composeEntry(project: string, files: readonly string[], folder: string): unknown {
  return {
    name: project,
    include: [{ path: files.map(escapeDollar), project_directory: escapeDollar(folder) }],
  };
}
