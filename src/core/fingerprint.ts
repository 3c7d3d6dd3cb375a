import { createHash } from 'node:crypto';
import type { LaunchFile } from './config/launch-file.ts';
import type { Placement, Service } from './project/service.ts';

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

/** JSON with sorted keys and without undefined ones; lone surrogates are escaped by JSON itself. */
export function canonical(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : value,
  );
}

/**
 * The settings that make a difference to what runs on a target. Left out is what only says when and whether
 * to deploy (`enabled`, `depends-on`, `on-delete`, `ignore`) and what is resolved into something else here
 * (`target`, `driver`) or into content (`inputs`).
 */
export function settingsOf(config: LaunchFile, service: Service, placement: Placement): unknown {
  const { settings } = service;
  return {
    driver: placement.driver,
    target: placement.target,
    // A worker is not pulled from a registry.
    registries: placement.driver === 'worker' ? [] : config.registries,
    strategy: settings.strategy,
    drain: settings.drain,
    stateful: settings.stateful,
    route: settings.route,
    secrets: settings.secrets,
    env: settings.env,
    health: settings.health,
    hooks: settings.hooks,
  };
}
