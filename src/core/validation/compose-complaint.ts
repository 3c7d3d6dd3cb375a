import { isScalar, visit } from 'yaml';
import { type ComposeFile, listOf, mapOf } from '../compose/compose-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import type { Place } from '../errors.ts';

/** What the compose parser said, fit to be shown. */
export interface Complaint {
  readonly text: string;
  readonly place: Place;
}

/**
 * The line that a sentence of the compose parser is about. It names a line, a path of keys (`services.web.ports`),
 * a service, or only a word: the first of these that is found decides, in the file that the sentence names, or else
 * in any of the service's own. Paths in it are relative to the top.
 */
export function aboutComplaint(
  files: readonly [ComposeFile, ...ComposeFile[]],
  extended: readonly ComposeFile[],
  said: string,
): Complaint {
  const named = [...files, ...extended].find(({ yaml }) => said.includes(yaml.file));
  let text = said.replace(/^validating \S*: */, '');
  for (const { yaml } of [...files, ...extended]) text = text.replaceAll(yaml.file, baseName(yaml.file));
  return { text, place: placeOfComplaint(named === undefined ? files : [named], text) };
}

function placeOfComplaint(files: readonly [ComposeFile, ...ComposeFile[]], said: string): Place {
  const [first] = files;
  const line = /\byaml: line (\d+)/.exec(said)?.[1];
  if (line !== undefined) return { file: first.yaml.file, line: Number(line) };
  const path = pathIn(files, said);
  const word = lastWord(said);
  for (const file of files) {
    const place = word === undefined ? undefined : placeOfWord(file, word, path ?? []);
    if (place !== undefined) return place;
  }
  if (path === undefined) return { file: first.yaml.file, line: 1 };
  const deepest = files.reduce(
    (best, file) => (depthOf(file, path) > depthOf(best, path) ? file : best),
    first,
  );
  return deepest.yaml.placeOf(path);
}

/** How much of a path there is in a file. */
function depthOf({ value }: ComposeFile, path: YamlPath): number {
  let at: unknown = value;
  const missing = path.findIndex((step) => {
    at = typeof step === 'number' ? listOf(at)[step] : mapOf(at)[step];
    return at === undefined;
  });
  return missing < 0 ? path.length : missing;
}

/** `services.web.ports[0]`, `services[web].mem_limit`, `service "web"`. */
function pathIn(files: readonly ComposeFile[], said: string): YamlPath | undefined {
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
  const isThere = files.some(({ services }) => services.some(({ name }) => name === service));
  return isThere && service !== undefined ? ['services', service] : undefined;
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

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
