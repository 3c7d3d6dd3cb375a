import type { YamlPath, YamlSource } from '../config/yaml-source.ts';

/** A compose file, as far as its YAML goes: nothing in it is trusted to have the right type. */
export interface ComposeFile {
  readonly yaml: YamlSource;
  readonly services: readonly ComposeService[];
}

export interface ComposeService {
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: YamlPath;
}

export function composeFile(yaml: YamlSource): ComposeFile {
  const services = Object.entries(mapOf(mapOf(yaml.value)['services'])).map(
    ([name, value]): ComposeService => ({ name, value: mapOf(value), path: ['services', name] }),
  );
  return { yaml, services };
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

/** The variables that an `.env` file sets; the way compose reads it, as far as values without references go. */
export function parseDotEnv(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const match of text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[=:][ \t]*(.*)$/gm)) {
    const [, name = '', raw = ''] = match;
    const quoted = /^(["'])(.*?)\1/.exec(raw);
    const comment = raw.search(/\s#/);
    values[name] = quoted?.[2] ?? (comment < 0 ? raw : raw.slice(0, comment)).trim();
  }
  return values;
}
