import { printable } from '../names.ts';

/** What of a version decides whether Cloudflare lets traffic go back to it. */
export interface VersionParts {
  readonly id: string;
  /** Of the last Durable Object migration that it knows. */
  readonly migrationTag: string | undefined;
  readonly bindings: readonly VersionBinding[];
}

/** Something that a version leads to, as the API shows it. */
export interface VersionBinding {
  readonly type: string;
  readonly name: string;
  /** The bucket, the namespace's or database's id, or the worker that it leads to; undefined for what leads nowhere. */
  readonly leadsTo: string | undefined;
}

/** Why there is no way back to a version; undefined where nothing is in the way. `missing`: bindings to what is gone. */
export function obstacleOnWayBack(
  to: VersionParts,
  live: VersionParts,
  missing: readonly VersionBinding[],
): string | undefined {
  if (to.migrationTag !== live.migrationTag) {
    return `a Durable Object migration (${printable(live.migrationTag ?? 'none', 60)}) has been applied since it was live (${printable(to.migrationTag ?? 'none', 60)}), and Cloudflare has no way back over one`;
  }
  if (missing.length === 0) return undefined;
  const list = missing.map(
    ({ type, name, leadsTo }) =>
      `${printable(name, 60)} (${kinds.get(type)?.noun ?? type} ${printable(leadsTo ?? '', 80)})`,
  );
  return `what it is bound to is gone: ${list.join(', ')}`;
}

/** By the type that the API gives a binding: what people call what it leads to, and the fields that name it. */
const kinds = new Map<string, { readonly noun: string; readonly fields: readonly string[] }>([
  ['d1', { noun: 'D1 database', fields: ['id', 'database_id'] }],
  ['kv_namespace', { noun: 'KV namespace', fields: ['namespace_id'] }],
  ['r2_bucket', { noun: 'R2 bucket', fields: ['bucket_name'] }],
  ['service', { noun: 'worker', fields: ['service'] }],
  ['durable_object_namespace', { noun: 'worker', fields: ['script_name'] }],
]);

/** What of a binding names something that can be gone. */
export function leadsTo(binding: Readonly<Record<string, unknown>>): string | undefined {
  const fields = kinds.get(String(binding['type']))?.fields ?? [];
  const key = fields.find((name) => typeof binding[name] === 'string');
  return key === undefined ? undefined : String(binding[key]);
}

/** Names of the secrets that one version has and the other has not. Changed values can't be told: nobody can read them. */
export function secretsThatDiffer(a: VersionParts, b: VersionParts): string[] {
  const names = ({ bindings }: VersionParts) =>
    new Set(bindings.filter(({ type }) => type === 'secret_text').map(({ name }) => name));
  const [of, other] = [names(a), names(b)];
  return [...of, ...other].filter((name) => of.has(name) !== other.has(name)).sort();
}
