import type { YamlPath, YamlSource } from '../config/yaml-source.ts';

/** Beside the compose file, the first of these is merged into it; in the order in which a deployment looks for them. */
export const composeOverrideNames = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/** A compose file, as far as its YAML goes: nothing in it is trusted to have the right type. */
export interface ComposeFile {
  readonly yaml: YamlSource;
  /** What it says, without what is tagged `!reset`. */
  readonly value: unknown;
  readonly services: readonly ComposeService[];
  /** Services tagged `!reset` or `!override`: what files before this one say of them does not count. */
  readonly replacedServices: ReadonlySet<string>;
}

export interface ComposeService {
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: YamlPath;
  /** Keys tagged `!reset` or `!override`: what is inherited under them does not count. */
  readonly replaced: ReadonlySet<string>;
}

/** A value as a map; what is none has no keys. */
export function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text, with its path: `string` or each text of a list of texts. */
export function textsAt(
  value: unknown,
  path: YamlPath,
): { readonly text: string; readonly path: YamlPath }[] {
  if (typeof value === 'string') return [{ text: value, path }];
  return listOf(value).flatMap((item, index) =>
    typeof item === 'string' ? [{ text: item, path: [...path, index] }] : [],
  );
}

/** A name, then a value in quotes, which may go on in the next lines, or one that ends with its line. */
const assignment =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[=:][ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|(.*)$)/gm;

/** The variables that an `.env` file sets; the way compose reads it, as far as values without references go. */
export function parseDotEnv(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const match of text.matchAll(assignment)) {
    const [, name = '', double, single, plain = ''] = match;
    const comment = plain.search(/\s#/);
    values[name] = double ?? single ?? (comment < 0 ? plain : plain.slice(0, comment)).trim();
  }
  return values;
}
