import { readSource } from '../../adapters/files/source-file.ts';
import type { YamlSource } from '../../core/config/yaml-source.ts';
import { printable } from '../../core/names.ts';
import type { Problem } from '../../core/problem.ts';

/** A YAML file, or what is wrong with it; neither when it is not there. */
export interface ReadConfig {
  readonly yaml: YamlSource | undefined;
  readonly problems: readonly Problem[];
}

/** Reads a YAML file of the repository. What is wrong with it is told, never thrown. */
export async function readConfig(top: string, path: string): Promise<ReadConfig> {
  const read = readText(top, path);
  if (read.text === undefined) return { yaml: undefined, problems: read.problems };
  const { readYaml } = await import('../../core/config/yaml-source.ts');
  const reading = readYaml(read.text, read.path);
  return reading.ok ? { yaml: reading.yaml, problems: [] } : { yaml: undefined, problems: reading.problems };
}

/** The text of a file, or what is wrong with it; neither when it is not there. */
export type ReadText =
  | { readonly text: string; readonly path: string }
  | { readonly text: undefined; readonly problems: readonly Problem[] };

/** Reads a configuration file of the repository. What is wrong with it is told, never thrown. */
export function readText(top: string, path: string): ReadText {
  const source = readSource(top, path);
  switch (source.kind) {
    case 'text':
      return { text: source.text, path };
    // A link is judged with the other files; through it nothing is read.
    case 'symlink':
      if (source.leads.to !== 'inside' || source.leads.path === path)
        return { text: undefined, problems: [] };
      return readText(top, source.leads.path);
    case 'too-large':
      return unreadable(path, 'file-too-large', 'is larger than 1 MiB');
    case 'binary':
      return unreadable(path, 'config-invalid', 'holds binary data');
    case 'absent':
      return { text: undefined, problems: [] };
  }
}

function unreadable(path: string, rule: string, what: string): ReadText {
  const problem: Problem = {
    rule,
    severity: 'error',
    message: `${printable(path)} ${what}.`,
    remedy: 'Write it as plain text of the size that a person reads.',
    place: { file: path, line: 1 },
  };
  return { text: undefined, problems: [problem] };
}
