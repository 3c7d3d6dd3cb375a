import { createHash } from 'node:crypto';
import { canonical } from './resolved-settings.ts';

/** Something outside of a service's folder that is part of it. */
export interface InputContent {
  /** The pattern as it is written in `inputs` or `shared`. */
  readonly pattern: string;
  /** What it names: path, kind and git's id, sorted by path. */
  readonly found: readonly { readonly path: string; readonly kind: string; readonly id: string }[];
}

export interface FingerprintParts {
  /** The id of the folder's tree; with `ignore`, a digest of what is not ignored. */
  readonly content: string;
  readonly inputs: readonly InputContent[];
  /** Plain data, as `settingsOf` gives it. */
  readonly settings: unknown;
}

/** The identity of what a service is at a commit and on a target: 64 hexadecimal digits. */
export function fingerprintOf(parts: FingerprintParts): string {
  const inputs = parts.inputs.map((input) => [
    input.pattern,
    input.found.map(({ path, kind, id }) => [path, kind, id]),
  ]);
  // The name at the start is to be changed with the recipe, so that old and new ones never meet.
  return digest(['launch-fingerprint-1', parts.content, inputs, parts.settings]);
}

/** A SHA-256 over plain data that does not depend on the order of keys. */
export function digest(data: unknown): string {
  return createHash('sha256').update(canonical(data)).digest('hex');
}
