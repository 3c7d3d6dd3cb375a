import * as z from 'zod/mini';
import { LaunchError } from '../errors.ts';

export const composeVolume = z.looseObject({
  type: z.string(),
  source: z.optional(z.string()),
  target: z.optional(z.string()),
});

const reference = z.looseObject({ source: z.optional(z.string()), target: z.optional(z.string()) });
const named = z.looseObject({ name: z.optional(z.string()) });
const file = z.looseObject({ file: z.optional(z.string()) });

/** `published` is a port, a range, or empty where the engine chooses. */
const publication = z.looseObject({
  target: z.optional(z.number()),
  published: z.optional(z.union([z.string(), z.number()])),
  host_ip: z.optional(z.string()),
  protocol: z.optional(z.string()),
});

const service = z.looseObject({
  image: z.optional(z.string()),
  build: z.optional(z.unknown()),
  pull_policy: z.optional(z.string()),
  volumes: z.optional(z.array(composeVolume)),
  volumes_from: z.optional(z.unknown()),
  configs: z.optional(z.array(reference)),
  secrets: z.optional(z.array(reference)),
  ports: z.optional(z.nullable(z.array(publication))),
  expose: z.optional(z.nullable(z.array(z.union([z.string(), z.number()])))),
  container_name: z.optional(z.string()),
  network_mode: z.optional(z.string()),
  networks: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  scale: z.optional(z.number()),
  deploy: z.optional(z.nullable(z.looseObject({ replicas: z.optional(z.number()) }))),
});

/**
 * What Launch needs of `docker compose config`: every path absolute, every variable filled in. It holds secret
 * values, so it stays in memory.
 */
const composeModel = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), service),
  configs: z.optional(z.record(z.string(), file)),
  secrets: z.optional(z.record(z.string(), file)),
  volumes: z.optional(z.record(z.string(), z.nullable(named))),
  networks: z.optional(z.record(z.string(), z.nullable(named))),
});

export type ComposeModel = z.infer<typeof composeModel>;
export type ComposeService = z.infer<typeof service>;
export type ComposeVolume = z.infer<typeof composeVolume>;

/** @throws LaunchError CONFIG_INVALID when compose printed something else. */
export function parseComposeModel(json: string, file: string): ComposeModel {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  const parsed = z.safeParse(composeModel, value);
  if (parsed.success) return parsed.data;
  // Neither the parser's message nor the text: both may quote a secret.
  throw new LaunchError('CONFIG_INVALID', 'What compose makes of the file can not be read.', {
    place: { file },
    remedy: 'Run `docker compose config` in the service folder; it must name at least one service.',
  });
}

/** The image a service runs: its own name, or the one compose gives to what it builds. */
export function imageOf(model: ComposeModel, name: string): string {
  return model.services[name]?.image ?? `${model.name}-${name}`;
}
