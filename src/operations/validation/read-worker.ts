import { readWranglerConfig, type WranglerConfig } from '../../core/cloudflare/wrangler-config.ts';
import type { Problem } from '../../core/problem.ts';
import type { ServiceFolder } from '../../core/project/discover.ts';
import { wranglerNames } from '../../core/project/shape.ts';
import { joinPath } from '../../core/project/view.ts';
import type { FileList } from '../../core/validation/service-sources.ts';
import { readText } from './read-config.ts';

export interface ReadWorker {
  /** Undefined when the configuration is broken. */
  readonly config: WranglerConfig | undefined;
  /** Wrangler configurations beside it, which wrangler does not read. */
  readonly unread: readonly string[];
  readonly problems: readonly Problem[];
}

/** Reads the wrangler configuration of a service. What is wrong with it is told, never thrown. */
export function readWorker(
  top: string,
  { contentPath }: ServiceFolder,
  file: string,
  files: FileList,
): ReadWorker {
  const path = joinPath(contentPath, file);
  const others = wranglerNames.filter((name) => name !== file).map((name) => joinPath(contentPath, name));
  const unread = others.filter((other) => files.has(other));
  const read = readText(top, path);
  if (read.text === undefined) return { config: undefined, unread, problems: read.problems };
  const reading = readWranglerConfig(read.text, read.path);
  return reading.ok
    ? { config: reading.config, unread, problems: [] }
    : { config: undefined, unread, problems: reading.problems };
}
