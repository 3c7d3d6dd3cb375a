import { isMap, isNode, isPair, isScalar, visit } from 'yaml';
import type { YamlPath, YamlSource } from '../config/yaml-source.ts';
import { type ComposeFile, type ComposeService, mapOf } from './compose-file.ts';

/** Takes a YAML file as a compose file. */
export function composeFile(yaml: YamlSource): ComposeFile {
  const value = withoutResets(yaml);
  const services = Object.entries(mapOf(mapOf(value)['services'])).map(([name, own]): ComposeService => {
    const path = ['services', name];
    return { name, value: mapOf(own), path, replaced: taggedKeys(yaml, path) };
  });
  return { yaml, value, services, replacedServices: taggedKeys(yaml, ['services']) };
}

/** What is tagged `!reset` counts as never written, whatever value stands behind the tag. */
function withoutResets({ text, document, value }: YamlSource): unknown {
  if (!text.includes('!reset')) return value;
  const copy = document.clone();
  visit(copy, { Pair: (_key, pair) => (tagOf(pair.value) === '!reset' ? visit.REMOVE : undefined) });
  try {
    const remaining: unknown = copy.toJS();
    return remaining;
  } catch {
    // What was removed is referred to elsewhere.
    return value;
  }
}

function taggedKeys({ text, document }: YamlSource, path: YamlPath): ReadonlySet<string> {
  if (!/!(?:reset|override)\b/.test(text)) return new Set();
  const map = document.getIn(path, true);
  const pairs = isMap(map) ? map.items : [];
  return new Set(
    pairs.flatMap((pair) =>
      isPair(pair) && isScalar(pair.key) && /^!(?:reset|override)$/.test(tagOf(pair.value) ?? '')
        ? [String(pair.key.value)]
        : [],
    ),
  );
}

function tagOf(node: unknown): string | undefined {
  return isNode(node) && 'tag' in node && typeof node.tag === 'string' ? node.tag : undefined;
}
