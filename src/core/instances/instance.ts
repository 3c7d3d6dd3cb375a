import { basename, dirname } from 'node:path/posix';
import { parseConfig } from '../config/parse.ts';
import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import { problemsToError } from '../problem.ts';
import { type environments, type InstanceFile, instanceFile, isInstanceId } from './instance-file.ts';

/** An organisation's own copy of the workers, as it is wanted. */
export interface Instance {
  readonly id: string;
  readonly organisation: string;
  /** Shown to people. */
  readonly name: string;
  readonly environment: (typeof environments)[number];
  /** By the worker's name for a secret, the name under which its value is handed over. */
  readonly apiKeys: ReadonlyMap<string, string>;
  readonly rateLimits: InstanceFile['rate_limits'];
  /** Undefined: named after the workers' own bucket. */
  readonly bucket: string | undefined;
  /** The name of the D1 database that has the table `instances`; undefined: see `databaseOf`. */
  readonly database: string | undefined;
  /** The services whose workers it has; undefined: all of them. */
  readonly workers: readonly string[] | undefined;
  /** The file that says so, for messages. */
  readonly file: string;
}

/** More than any instance needs; a file is read as a whole. */
const longestFile = 65_536;

/** @throws LaunchError CONFIG_INVALID at the line that is wrong */
export function parseInstance(text: string, file: string): Instance {
  if (text.length > longestFile) throw notJson(file, `it has more than ${longestFile} characters`);
  try {
    JSON.parse(text);
  } catch (error) {
    throw notJson(file, error instanceof Error ? error.message : String(error));
  }
  // YAML contains JSON, and its parser knows the places and sees a key that is there twice.
  const parsed = parseConfig(instanceFile, text, file);
  if (!parsed.ok) throw problemsToError(parsed.problems);
  const { value } = parsed;
  assertFileName(value.instance_id, file);
  return {
    id: value.instance_id,
    organisation: value.org_id,
    name: value.name ?? value.instance_id,
    environment: value.environment,
    apiKeys: new Map(
      Array.isArray(value.api_keys)
        ? value.api_keys.map((name) => [name, name] as const)
        : Object.entries(value.api_keys),
    ),
    rateLimits: value.rate_limits,
    bucket: value.r2_bucket,
    database: value.database,
    workers: value.workers,
    file,
  };
}

/** The id that a file's name promises: `instances/acme.json` is `acme`. Undefined when it can't be one. */
export function idOfFile(file: string): string | undefined {
  const id = basename(file, '.json');
  return file.endsWith('.json') && isInstanceId(id) ? id : undefined;
}

/** In `instances/` a file is found by the id, so two files can't mean the same instance. */
function assertFileName(id: string, file: string): void {
  if (basename(dirname(file)) !== 'instances' || basename(file) === `${id}.json`) return;
  throw new LaunchError('CONFIG_INVALID', `The file of the instance "${id}" has another name.`, {
    place: { file },
    remedy: `Call it instances/${id}.json, or correct \`instance_id\`.`,
  });
}

function notJson(file: string, why: string): LaunchError {
  return new LaunchError(
    'CONFIG_INVALID',
    `The file is not valid JSON: ${printable(why).replace(/\.$/, '')}.`,
    {
      place: { file },
      remedy: 'Mend it, or make a new one: schemas/instance.schema.json says what it may hold.',
    },
  );
}
