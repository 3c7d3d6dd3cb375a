import type { PathPattern } from '../changes/pattern.ts';
import type { YamlSource } from '../config/yaml-source.ts';
import type { ServiceFolder } from '../project/discover.ts';
import type { TargetSettings } from '../project/target-settings.ts';

/** What the rules know about one service. */
export interface ServiceSources {
  readonly name: string;
  readonly folder: ServiceFolder;
  /** Undefined when `service.yml` is wrong: rules that need it are left out then. */
  readonly settings: TargetSettings | undefined;
  /** `service.yml`, where there is one that could be read. */
  readonly manifest: YamlSource | undefined;
  /** Where `service.yml` is, or would be. */
  readonly manifestPath: string;
  /** The `shared` paths of launch.yml that concern the service: as much a part of it as its own `inputs`. */
  readonly shared: readonly PathPattern[];
  /** What a deployment's variables are as far as the repository tells: `.env`, then `env` of service.yml. */
  readonly env: Readonly<Record<string, string>>;
  /** The targets on which these settings hold, where others have other ones; absent where they hold on all. */
  readonly onTargets?: readonly string[];
}

/** The repository's files, as git or the file system lists them. */
export interface FileList {
  has(path: string): boolean;
  /** Whether some file lies below the folder. */
  hasFolder(path: string): boolean;
  /** Whether some file matches the pattern. */
  matches(glob: string): boolean;
}
