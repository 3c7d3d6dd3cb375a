import { parse as parseYaml } from 'yaml';
import {
  type Argv,
  type ComposeProgram,
  type ComposeProject,
  configArgv,
} from '../../core/deploy/compose-argv.ts';
import { type ComposeModel, parseComposeModel } from '../../core/deploy/compose-model.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { assertNotCancelled, type RunOptions, type RunResult, run, succeeded } from '../process/run.ts';

export interface ComposeRun {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly redact: (text: string) => string;
  readonly signal?: AbortSignal | undefined;
}

export interface ReadModel {
  readonly program: ComposeProgram;
  readonly model: ComposeModel;
  /** What compose warned of, e.g. a variable without a value. */
  readonly warnings: readonly string[];
}

/**
 * What compose makes of the service's files. Whether there is a compose at all is asked only when this fails:
 * asking costs as much as the work itself.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE without compose, CONFIG_INVALID with compose's own words
 */
export async function readComposeModel(
  project: Omit<ComposeProject, 'program'>,
  file: string,
  options: ComposeRun,
): Promise<ReadModel> {
  const plugin = { ...project, program: 'docker compose' } as const;
  const result = assertNotCancelled(await run(configArgv(plugin), runOptions(options, 60_000)));
  if (succeeded(result)) return modelFrom(result, 'docker compose', file, options);
  if (await answers(['docker', 'compose', 'version'], options)) throw refused(result, file, options);
  if (!(await answers(['docker-compose', 'version'], options))) {
    throw new LaunchError('ENGINE_UNAVAILABLE', 'There is no `docker compose` on this machine.', {
      remedy: "Install Docker's compose plugin (package docker-compose-plugin).",
    });
  }
  const old = { ...project, program: 'docker-compose' } as const;
  const oldResult = await run(configArgv(old), runOptions(options, 60_000));
  if (!succeeded(oldResult)) throw refused(oldResult, file, options);
  return modelFrom(oldResult, 'docker-compose', file, options);
}

function modelFrom(
  result: RunResult,
  program: ComposeProgram,
  file: string,
  { redact }: ComposeRun,
): ReadModel {
  const json = program === 'docker compose' ? result.stdout : fromVersion1(result.stdout);
  const warnings = result.stderr
    .split('\n')
    .flatMap((line) => /level=warning msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? [])
    .map((message) => redact(message.replaceAll('\\"', '"')));
  return { program, model: parseComposeModel(json, file), warnings };
}

/** Version 1 prints YAML, with mounts in the short form and without the project's name. */
function fromVersion1(yaml: string): string {
  const value: unknown = parseYaml(yaml);
  if (typeof value !== 'object' || value === null) return '';
  const services: Record<string, Record<string, unknown>> = 'services' in value &&
  typeof value.services === 'object'
    ? { ...value.services }
    : {};
  for (const [name, service] of Object.entries(services)) {
    const volumes = Array.isArray(service['volumes']) ? service['volumes'] : [];
    services[name] = { ...service, volumes: volumes.map(longForm) };
  }
  return JSON.stringify({ name: '', ...value, services });
}

function longForm(volume: unknown): unknown {
  if (typeof volume !== 'string') return volume;
  const [source = '', target, mode] = volume.split(':');
  if (target === undefined) return { type: 'volume', target: source };
  const type = source.startsWith('/') ? 'bind' : 'volume';
  return { type, source, target, ...(mode === 'ro' ? { read_only: true } : {}) };
}

async function answers(command: Argv, options: ComposeRun): Promise<boolean> {
  return succeeded(assertNotCancelled(await run(command, runOptions(options, 10_000))));
}

function runOptions({ env, cwd, signal }: ComposeRun, timeout: number): RunOptions {
  return { env, cwd, timeout, ...(signal === undefined ? {} : { signal }) };
}

function refused(result: RunResult, file: string, { redact }: ComposeRun): LaunchError {
  const said = redact(result.stderr)
    .split('\n')
    .filter((line) => !line.includes('level=warning') && line.trim() !== '')
    .slice(-3)
    .join(' ');
  const missing = /no such file|not found|couldn't find env file/i.test(said);
  return new LaunchError('CONFIG_INVALID', `Compose refuses the file: ${printable(said, 500)}.`, {
    place: { file },
    remedy: missing
      ? 'A deployment only sees what git tracks: commit the file, declare it in `inputs` when it is outside of the service folder, or hand its values over as secrets.'
      : 'Mend what it names; `docker compose config` in the service folder says the same.',
  });
}
