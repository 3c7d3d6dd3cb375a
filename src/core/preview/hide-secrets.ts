import { isMap, type Tree } from '../compose/resolve-compose.ts';
import { isCredentialName } from './credential-name.ts';
import {
  hiddenIn,
  hide,
  hideCredentials,
  hideEach,
  hideValue,
  isReference,
  replaceHidden,
  shortFlags,
} from './hidden-text.ts';

/** Keys, as the way to a value; lists have no part in it. */
type Path = readonly string[];

/**
 * Two states of one document without the credentials that stand in them: `***` in their place, and
 * `***(changed)` in the newer one where another value stood there before. Texts that came from a variable may be
 * marked by `hide` already. References (`${NAME}`) stay.
 */
export function hideSecrets(
  before: Tree | undefined,
  after: Tree | undefined,
): { readonly before: Tree | undefined; readonly after: Tree | undefined } {
  const marked = [before, after].map((tree) => (tree === undefined ? undefined : mark(tree, [], false)));
  const known = new Set<string>();
  for (const tree of marked) {
    eachText(tree, [], (text) => {
      for (const literal of hiddenIn(text)) known.add(literal);
    });
  }
  const literals = [...known].filter(isTelling).sort(longestFirst);
  const [old, fresh] = marked.map((tree) => again(tree, [], literals));
  const earlier = hiddenAt(old);
  return {
    before: shown(old, [], () => '***'),
    after: shown(fresh, [], (literal, path) => {
      const there = earlier.get(keyOf(path));
      return there === undefined || there.has(literal) ? '***' : '***(changed)';
    }),
  };
}

/** Whether a value can be told from a word that stands there for another reason. */
function isTelling(literal: string): boolean {
  return literal.length >= 6 && !isReference(literal) && /[\d\W]|[a-z][A-Z]/.test(literal);
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length;
}

/** `inherited`: something above is called like a credential, so all below is one. */
function mark(value: unknown, path: Path, inherited: boolean): unknown {
  if (isMap(value)) {
    return entriesOf(value, (key, item) => {
      const at = [...path, key];
      const hidesAll = isContent(at) || (!isStructure(at) && (inherited || namesOne(at)));
      return [hideCredentials(key), mark(item, at, hidesAll)];
    });
  }
  if (Array.isArray(value)) return markList(value, path, inherited);
  if (typeof value === 'number' && inherited) return hide(String(value));
  if (typeof value !== 'string') return value;
  return inherited ? hideValue(value) : hideCredentials(value, isAddress(path));
}

/** `auth:2` is an image, `key:/data` a mount. */
function isAddress(path: Path): boolean {
  return path[0] === 'services' && addresses.has(path[2] ?? '');
}

const addresses = new Set([
  'image',
  'volumes',
  'ports',
  'devices',
  'networks',
  'depends_on',
  'tmpfs',
  'extra_hosts',
]);

function namesOne(path: Path): boolean {
  return isCredentialName(path.at(-1) ?? '');
}

/** In a list of arguments a credential may be the one after its name. */
function markList(list: readonly unknown[], path: Path, inherited: boolean): unknown[] {
  const programs = list.map(String).join(' ');
  const flags = shortFlags.filter(({ program }) => program.test(programs));
  return list.map((item, index) => {
    if (typeof item !== 'string' || inherited) return mark(item, path, inherited);
    const before = list[index - 1];
    const secret = afterName(item) ?? afterShortFlag(flags, before, item) ?? afterFlag(before, item);
    if (secret === undefined) return hideCredentials(item, isAddress(path));
    return `${item.slice(0, item.length - secret.length)}${hideValue(secret)}`;
  });
}

/** `--name=value`: no shell reads an argument, so that all of the rest is the value. */
function afterName(item: string): string | undefined {
  const [, name = '', value] = /^(?:--?)?([A-Za-z][\w.-]*)=(.+)$/s.exec(item) ?? [];
  return isCredentialName(name) ? value : undefined;
}

function afterShortFlag(flags: typeof shortFlags, before: unknown, item: string): string | undefined {
  for (const { flag, glued } of flags) {
    if (before === flag && glued !== true) return item;
    if (item.startsWith(flag) && item.length > flag.length) return item.slice(flag.length);
  }
  return undefined;
}

/** What of an argument is a credential because of the one before it. */
function afterFlag(before: unknown, item: string): string | undefined {
  if (typeof before !== 'string' || !/^--?[A-Za-z][^=]*$/.test(before)) return undefined;
  if (isCredentialName(before)) return item;
  return /^(?:-u|--user)$/.test(before) ? /^[^:]+:(?!\d+$)(.+)$/s.exec(item)?.[1] : undefined;
}

const named: readonly string[] = ['services', 'networks', 'volumes', 'configs', 'secrets', 'models'];
const ofService: readonly string[] = [
  'secrets',
  'configs',
  'credential_spec',
  'depends_on',
  'networks',
  'links',
  'volumes_from',
];

/** What compose itself calls secrets and keys, and names that people give to services: no values. */
function isStructure(path: Path): boolean {
  const [first = '', , third = '', fourth] = path;
  if (path.length <= 2 && named.includes(first)) return true;
  if (first === 'launch') return path[1] === 'secrets';
  if (first !== 'services') return false;
  return ofService.includes(third) || (third === 'build' && fourth === 'secrets');
}

/** What a secret holds, or a configuration that is called like one. */
function isContent([first, name = '', key, ...more]: Path): boolean {
  if (key !== 'content' || more.length > 0) return false;
  return first === 'secrets' || (first === 'configs' && isCredentialName(name));
}

/** Where a value that is hidden somewhere stands again. A plain word is no proof: people call a password "postgres". */
function again(value: unknown, path: Path, literals: readonly string[]): unknown {
  if (isMap(value)) return entriesOf(value, (key, item) => [key, again(item, [...path, key], literals)]);
  if (Array.isArray(value)) return value.map((item: unknown) => again(item, path, literals));
  if (typeof value !== 'string') return value;
  const inSettings = path.some((key) => settings.has(key) || key.startsWith('x-'));
  return literals
    .filter((it) => inSettings || (it.length >= 8 && /\d/.test(it) && /[A-Za-z]/.test(it)))
    .reduce((text, literal) => (text.includes(literal) ? hideEach(text, literal) : text), value);
}

const settings = new Set([
  'environment',
  'command',
  'entrypoint',
  'healthcheck',
  'labels',
  'args',
  'content',
  'env',
  'health',
]);

function hiddenAt(tree: unknown): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  eachText(tree, [], (text, path) => {
    for (const literal of hiddenIn(text)) {
      const there = found.get(keyOf(path)) ?? new Set();
      found.set(keyOf(path), there.add(literal));
    }
  });
  return found;
}

function shown(value: unknown, path: Path, stand: (hidden: string, path: Path) => string): Tree | undefined;
function shown(value: unknown, path: Path, stand: (hidden: string, path: Path) => string): unknown {
  if (isMap(value)) {
    return entriesOf(value, (key, item) => [
      replaceHidden(key, () => '***'),
      shown(item, [...path, key], stand),
    ]);
  }
  if (Array.isArray(value)) return value.map((item: unknown) => shown(item, path, stand));
  return typeof value === 'string' ? replaceHidden(value, (hidden) => stand(hidden, path)) : value;
}

function eachText(value: unknown, path: Path, visit: (text: string, path: Path) => void): void {
  if (typeof value === 'string') visit(value, path);
  else if (Array.isArray(value)) for (const item of value) eachText(item, path, visit);
  else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) {
      visit(key, path);
      eachText(item, [...path, key], visit);
    }
  }
}

function entriesOf(map: Tree, change: (key: string, value: unknown) => readonly [string, unknown]): Tree {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => change(key, value)));
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}
