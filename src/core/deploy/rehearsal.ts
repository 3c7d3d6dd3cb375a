import { isLeftAlone } from './adopted.ts';

/** What would become of the containers, a line for each kind; `actions` is what compose would do with each, by name. */
export function inPlainWords(actions: ReadonlyMap<string, readonly string[]>): string[] {
  const kinds = new Map<string, string[]>();
  for (const [name, done] of actions) {
    const kind = kindOf(done);
    // Compose gives a container another name while it takes the place of the old one.
    if (kind === undefined || (kind === 'started again' && isStandIn(name, actions))) continue;
    kinds.set(kind, [...(kinds.get(kind) ?? []), name]);
  }
  return [...kinds].map(([kind, names]) => `would be ${kind}: ${names.sort().join(', ')}`);
}

function kindOf(done: readonly string[]): string | undefined {
  if (done.some((it) => it.startsWith('Recreat'))) return 'made anew';
  if (done.some((it) => it.startsWith('Creat'))) return 'made';
  if (done.some((it) => it.startsWith('Remov'))) return 'removed';
  if (!isLeftAlone(done)) return undefined;
  return done.some((it) => it.startsWith('Start')) ? 'started again' : 'left as it is';
}

function isStandIn(name: string, actions: ReadonlyMap<string, readonly string[]>): boolean {
  const own = /^[0-9a-f]{12}_(.+)$/.exec(name)?.[1];
  return own !== undefined && actions.has(own);
}
