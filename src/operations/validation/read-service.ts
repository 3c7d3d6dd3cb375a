import { readSource } from '../../adapters/files/source-file.ts';
import { type ComposeFile, composeFile, parseDotEnv } from '../../core/compose/compose-file.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { serviceFile } from '../../core/config/service-file.ts';
import { readYaml, type YamlSource } from '../../core/config/yaml-source.ts';
import { printable } from '../../core/names.ts';
import type { Problem } from '../../core/problem.ts';
import type { ServiceFolder } from '../../core/project/discover.ts';
import type { Project } from '../../core/project/project.ts';
import { loadServiceFile, manifestPath } from '../../core/project/service.ts';
import { joinPath } from '../../core/project/view.ts';
import type { ServiceSources } from '../../core/validation/service-sources.ts';

/** A service's configuration as it was read, with what is wrong with it. */
export interface ReadService extends ServiceSources {
  /** Undefined when there is none, or it is no YAML. */
  readonly compose: ComposeFile | undefined;
  readonly problems: readonly Problem[];
}

/** Reads `service.yml`, the compose file and `.env` of a service. What is wrong with them is told, never thrown. */
export async function readService(
  top: string,
  project: Project,
  folder: ServiceFolder,
): Promise<ReadService> {
  const path = manifestPath(folder);
  const manifest = folder.shape.manifest === undefined ? undefined : readConfig(top, path);
  const problems: Problem[] = [...(manifest?.problems ?? [])];
  let settings: ServiceSources['settings'];
  if (manifest === undefined) settings = await loadServiceFile(project, folder);
  else if (manifest.yaml !== undefined) {
    const parsed = parseConfig(serviceFile, manifest.yaml.text, path);
    if (parsed.ok) settings = parsed.value;
    else problems.push(...parsed.problems);
  }
  const dotEnv = readSource(top, joinPath(folder.contentPath, '.env'));
  const env = { ...(dotEnv.kind === 'text' ? parseDotEnv(dotEnv.text) : {}), ...settings?.env };
  const { compose } = folder.shape;
  const read = compose === undefined ? undefined : readConfig(top, joinPath(folder.contentPath, compose));
  problems.push(...(read?.problems ?? []));
  return {
    name: folder.name,
    folder,
    settings,
    manifest: manifest?.yaml,
    manifestPath: path,
    env,
    compose: read?.yaml === undefined ? undefined : composeFile(read.yaml),
    problems: problems.map((problem) => ({ ...problem, service: folder.name })),
  };
}

interface ReadConfig {
  readonly yaml: YamlSource | undefined;
  readonly problems: readonly Problem[];
}

function readConfig(top: string, path: string): ReadConfig {
  const source = readSource(top, path);
  switch (source.kind) {
    case 'text': {
      const reading = readYaml(source.text, path);
      return reading.ok
        ? { yaml: reading.yaml, problems: [] }
        : { yaml: undefined, problems: reading.problems };
    }
    // A link is judged with the other files; through it nothing is read.
    case 'symlink':
      if (source.leads.to !== 'inside' || source.leads.path === path)
        return { yaml: undefined, problems: [] };
      return readConfig(top, source.leads.path);
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
