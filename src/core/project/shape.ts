import type { Entry } from './view.ts';

/** What the names in a folder say about how the service in it is deployed. */
export interface Shape {
  readonly manifest: string | undefined;
  readonly compose: string | undefined;
  readonly wrangler: string | undefined;
  readonly deployScript: boolean;
  readonly healthScript: boolean;
  readonly targetFile: boolean;
}

const manifestNames = ['service.yml', 'service.yaml'];
/** In the order in which compose itself looks for them. */
export const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
/** In the order in which wrangler itself looks for them. */
export const wranglerNames = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml'];

/** Between two commits most folders are the same, read once and asked for twice. */
const known = new WeakMap<readonly Entry[], { readonly shape: Shape | undefined }>();

/** The shape of a folder with these children, or undefined when it is not a service. */
export function shapeOf(entries: readonly Entry[]): Shape | undefined {
  let found = known.get(entries);
  if (found === undefined) {
    found = { shape: lookAt(entries) };
    known.set(entries, found);
  }
  return found.shape;
}

function lookAt(entries: readonly Entry[]): Shape | undefined {
  const files = new Set<string>();
  for (const { name, kind } of entries) if (kind !== 'folder' && kind !== 'submodule') files.add(name);
  const first = (names: readonly string[]) => names.find((name) => files.has(name));
  const shape: Shape = {
    manifest: first(manifestNames),
    compose: first(composeNames),
    wrangler: first(wranglerNames),
    deployScript: files.has('deploy.sh'),
    healthScript: files.has('health-check.sh'),
    targetFile: files.has('target.txt'),
  };
  const isService =
    shape.manifest !== undefined ||
    shape.compose !== undefined ||
    shape.wrangler !== undefined ||
    shape.deployScript;
  return isService ? shape : undefined;
}

/** A submodule can't be looked into from its parent's objects; its folder is taken at its word. */
export const opaqueShape: Shape = {
  manifest: undefined,
  compose: undefined,
  wrangler: undefined,
  deployScript: false,
  healthScript: false,
  targetFile: false,
};
