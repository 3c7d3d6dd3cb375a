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
  const source = readSource(top, path);
  switch (source.kind) {
    case 'text': {
      const { readYaml } = await import('../../core/config/yaml-source.ts');
      const reading = readYaml(source.text, path);
      return reading.ok
        ? { yaml: reading.yaml, problems: [] }
        : { yaml: undefined, problems: reading.problems };
    }
    // A link is judged with the other files; through it nothing is read.
    case 'symlink':
      if (source.leads.to !== 'inside' || source.leads.path === path)
        return { yaml: undefined, problems: [] };
      return await readConfig(top, source.leads.path);
    case 'too-large':
      return unreadable(path, 'file-too-large', 'is larger than 1 MiB');
    case 'binary':
      return unreadable(path, 'config-invalid', 'holds binary data');
    case 'absent':
      return { yaml: undefined, problems: [] };
  }
}

function unreadable(path: string, rule: string, what: string): ReadConfig {
  const problem: Problem = {
    rule,
    severity: 'error',
    message: `${printable(path)} ${what}.`,
    remedy: 'Write it as plain YAML of the size that a person reads.',
    place: { file: path, line: 1 },
  };
  return { yaml: undefined, problems: [problem] };
}
