import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { describeOutcome, type RunResult, run, succeeded } from '../process/run.ts';

export interface ParserInput {
  /** The compose file and those that are merged into it, in that order; relative to the top. */
  readonly paths: readonly [string, ...string[]];
  readonly project: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The real compose parser: undefined when it accepts the files, else what it says; with paths relative to the top. */
export type ComposeParser = (input: ParserInput) => Promise<string | undefined>;

const timeoutMs = 30_000;

/**
 * Hands `docker compose config` to `use`, or undefined where there is none; it needs no engine. The variables go
 * by way of a file: as environment of the process, a repository's `LD_PRELOAD` or `DOCKER_HOST` would act on it.
 */
export async function withComposeParser<T>(
  top: string,
  env: NodeJS.ProcessEnv,
  use: (parser: ComposeParser | undefined) => Promise<T>,
): Promise<T> {
  const version = await run(['docker', 'compose', 'version'], { cwd: top, env, timeout: timeoutMs });
  if (!succeeded(version)) return await use(undefined);
  const folder = await mkdtemp(join(tmpdir(), 'launch-compose-'));
  const base = parserEnvironment(env);
  let count = 0;
  const parser: ComposeParser = async ({ paths, project, variables }) => {
    count += 1;
    const envFile = join(folder, `${count}.env`);
    await writeFile(envFile, dotEnv(variables), { mode: 0o600 });
    const files = paths.flatMap((path) => ['--file', path]);
    const options = ['--env-file', envFile, '--project-directory', posix.dirname(paths[0]), ...files];
    const ask = (...more: string[]): Promise<RunResult> =>
      run(
        // `--project-name`, because a folder's name need not be one.
        ['docker', 'compose', '--project-name', project, ...options, 'config', '--quiet', ...more],
        { cwd: top, env: base, timeout: timeoutMs },
      );
    // An env_file may be of the host; whether a relative one exists is checked apart.
    let result = await ask('--no-env-resolution');
    if (!succeeded(result) && /unknown flag/.test(result.stderr)) result = await ask();
    return succeeded(result) ? undefined : complaint(result, top);
  };
  try {
    return await use(parser);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In double quotes, where each of these characters is taken as it is once it is escaped. */
function dotEnv(variables: Readonly<Record<string, string>>): string {
  const quoted = (value: string): string =>
    value
      .replace(/[\\"$]/g, '\\$&')
      .replaceAll('\n', '\\n')
      .replaceAll('\r', '\\r');
  return Object.entries(variables)
    .filter(([name]) => !/^(?:COMPOSE|DOCKER)_/.test(name))
    .map(([name, value]) => `${name}="${quoted(value)}"\n`)
    .join('');
}

/** What docker needs to find its plugin, and no way to fetch anything. An `--env-file` keeps it from reading `.env`. */
function parserEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'DOCKER_CONFIG', 'XDG_CONFIG_HOME'];
  return {
    ...Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
    COMPOSE_EXPERIMENTAL_GIT_REMOTE: '0',
    COMPOSE_EXPERIMENTAL_OCI_REMOTE: '0',
  };
}

/** The words of compose without its log lines and without where the checkout is. */
function complaint(result: RunResult, top: string): string {
  const lines = result.stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^time=.* level=(?:warning|info|debug)/.test(line));
  const text = lines.join(' ').replace(/\s+/g, ' ').trim();
  return text === '' ? `compose gave no reason (${describeOutcome(result)})` : text.replaceAll(`${top}/`, '');
}
