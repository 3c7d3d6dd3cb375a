import { isScalar, visit } from 'yaml';
import type { ComposeFile } from '../compose/compose-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import type { Place } from '../errors.ts';

/**
 * The line that a sentence of the compose parser is about. It names a line, a path of keys (`services.web.ports`),
 * a service, or only a word: the first of these that is found in the file decides.
 */
export function placeOfComplaint(compose: ComposeFile, said: string): Place {
  const { yaml } = compose;
  const line = /\byaml: line (\d+)/.exec(said)?.[1];
  if (line !== undefined) return { file: yaml.file, line: Number(line) };
  const path = pathIn(compose, said);
  const word = lastWord(said);
  const inside = path === undefined ? [] : path;
  const named = word === undefined ? undefined : placeOfWord(compose, word, inside);
  if (named !== undefined) return named;
  return path === undefined ? { file: yaml.file, line: 1 } : yaml.placeOf(path);
}

/** `services.web.ports[0]`, `services[web].mem_limit`, `service "web"`. */
function pathIn({ services }: ComposeFile, said: string): YamlPath | undefined {
  const dotted =
    /\b(?:services|networks|volumes|configs|secrets|include|models|name|version)(?:\.[\w-]+|\[[\w-]+\])+/.exec(
      said,
    )?.[0];
  if (dotted !== undefined) {
    return dotted
      .split(/[.[\]]+/)
      .filter((step) => step !== '')
      .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  }
  const service = /service "([^"]+)"/.exec(said)?.[1];
  return services.some(({ name }) => name === service) && service !== undefined
    ? ['services', service]
    : undefined;
}

/** What it quotes, or the last word: `undefined volume data`. */
function lastWord(said: string): string | undefined {
  const bare = said.replace(/: invalid compose project$/, '');
  const quoted = [...bare.matchAll(/["']([^"']{1,100})["']/g)].map((match) => match[1]);
  return (
    /undefined (?:volume|network|config|secret|service) "?([\w.-]+)/.exec(bare)?.[1] ??
    quoted.at(-1) ??
    /([\w.:/-]+)$/.exec(bare)?.[1]
  );
}

/** The key or value that is, or begins with, the word; below `path` only. */
function placeOfWord({ yaml }: ComposeFile, word: string, path: YamlPath): Place | undefined {
  let found: number | undefined;
  visit(yaml.document, {
    Scalar(_key, node, ancestors) {
      if (found !== undefined || !isScalar(node)) return;
      const text = String(node.value);
      if (text !== word && !text.startsWith(`${word}:`)) return;
      const keys = ancestors.flatMap((it) => ('key' in it && isScalar(it.key) ? [String(it.key.value)] : []));
      if (path.some((step, index) => typeof step === 'string' && keys[index] !== step)) return;
      found = node.range?.[0];
    },
  });
  return found === undefined ? undefined : yaml.placeAt(found);
}
