// Runs workflows under act, on this host and without Docker images: the nearest thing to GitHub that a test
// can have. What act 0.2.87 does not know is taken out of a copy of this repository:
// `$/` (an action of the same repository), `queue:` and `deployment:`. GitHub's own actions that the workflows use
// have stand-ins in `act-actions/`; act knows actions/checkout itself.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './repository.ts';
import { ROOT } from './source-tree.ts';
import { node24, toolPath } from './tools.ts';

/** How the starters name this repository. */
const self = 'org/launch';
const version = 'v1';

export interface ActOptions {
  /** The checkout the workflow runs for; its workflows are in `.github/workflows`. */
  readonly repository: string;
  /** What `exportLaunch` made. */
  readonly launch: string;
  /** Kept between runs: it is the runner's own folder, with its HOME. */
  readonly home: string;
  readonly event: string;
  readonly payload: unknown;
  /** A file of `.github/workflows`; default all that the event starts. */
  readonly workflow?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  /** For every step, such as GITHUB_API_URL. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where artifacts are kept; default a new folder, as each run of a workflow has its own. */
  readonly artifacts?: string;
  readonly timeoutMs?: number;
}

export interface ActStep {
  readonly name: string;
  readonly result: string;
}

export interface ActJob {
  /** Its key under `jobs:`. */
  readonly id: string;
  readonly matrix: Readonly<Record<string, unknown>>;
  readonly result: string | undefined;
  readonly steps: readonly ActStep[];
  /** What its steps printed. */
  readonly output: string;
}

export interface ActResult {
  readonly exitCode: number | null;
  /** The jobs that a runner took; one that was skipped is not among them. */
  readonly jobs: readonly ActJob[];
  /** All of act's own log, as a person could see it. */
  readonly log: string;
}

/**
 * A copy of what a release of this repository holds, as act can use it: tracked files and those that are yet
 * to be added, and `dist/`.
 */
export function exportLaunch(): string {
  const folder = temporaryFolder('launch-export-');
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  for (const file of execFileSync('git', list, { cwd: ROOT, encoding: 'utf8' }).split('\0')) {
    if (!/^(actions|dist|schemas|stackscripts|\.github\/workflows|package\.json)(\/|$)/.test(file)) continue;
    if (!existsSync(join(ROOT, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    if (/\.ya?ml$/.test(file))
      writeFileSync(join(folder, file), forAct(readFileSync(join(ROOT, file), 'utf8')));
    else cpSync(join(ROOT, file), join(folder, file));
  }
  return folder;
}

/** A workflow or action file without what act does not know. */
export function forAct(source: string): string {
  return source
    .replace(/^(\s*(?:- )?uses: )\$\/(\S+)/gm, `$1${self}/$2@${version}`)
    .replace(/^\s*(?:queue: max|deployment: (?:true|false))(?: #.*)?\n/gm, '');
}

/** What a failed run printed at its end, so that a failed test tells why. */
export function failureOf(run: ActResult): string {
  return run.exitCode === 0 ? '' : run.log.split('\n').slice(-60).join('\n');
}

export async function runAct(options: ActOptions): Promise<ActResult> {
  const act = toolPath('act');
  if (act === undefined) throw new Error('there is no act. Run scripts/setup-dev.sh --only act.');
  const payload = join(temporaryFolder('launch-event-'), 'event.json');
  writeFileSync(payload, JSON.stringify(options.payload));
  const pairs = (flag: string, values: Readonly<Record<string, string>> = {}) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  const args = [
    options.event,
    ...(options.workflow === undefined ? [] : ['--workflows', `.github/workflows/${options.workflow}`]),
    ...['--eventpath', payload, '--json', '--action-offline-mode', '--pull=false'],
    // Host mode, for every first label that the tests use: act skips a job with an unmapped one.
    ...['-P', 'self-hosted=-self-hosted', '-P', 'ubuntu-latest=-self-hosted'],
    ...['--local-repository', `${self}@${version}=${options.launch}`],
    ...standIns(options.launch, options.repository),
    ...['--cache-server-addr', '127.0.0.1', '--artifact-server-addr', '127.0.0.1'],
    ...pairs('--secret', options.secrets),
    ...pairs('--var', options.vars),
    ...pairs('--env', {
      LAUNCH_TEST_ARTIFACTS: options.artifacts ?? temporaryFolder('launch-artifacts-'),
      ...options.env,
    }),
  ];
  const { exitCode, output } = await execute(act, args, options);
  return { exitCode, ...readLog(output) };
}

/** For each of GitHub's actions, at the commit that the workflows name. */
function standIns(...repositories: readonly string[]): string[] {
  const used = repositories.flatMap((cwd) =>
    globSync('.github/workflows/*.yml', { cwd }).flatMap((file) =>
      Array.from(
        readFileSync(join(cwd, file), 'utf8').matchAll(/uses: (actions\/([\w-]+)@\w+)/g),
        (match) => ({
          uses: match[1] ?? '',
          folder: join(import.meta.dirname, 'act-actions', match[2] ?? ''),
        }),
      ),
    ),
  );
  const known = used
    .filter(({ folder }) => existsSync(folder))
    .map(({ uses, folder }) => `${uses}=${folder}`);
  return [...new Set(known)].flatMap((it) => ['--local-repository', it]);
}

/** In host mode every step sees act's environment, so act gets nothing of this process's but the way to tools. */
function environment(home: string): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '').split(':').filter((it) => !it.includes('node_modules'));
  const engine = process.env['DOCKER_HOST'];
  return {
    PATH: [dirname(node24()), ...path].join(':'),
    HOME: home,
    LC_ALL: 'C.UTF-8',
    ...(engine === undefined ? {} : { DOCKER_HOST: engine }),
  };
}

async function execute(
  act: string,
  args: readonly string[],
  options: ActOptions,
): Promise<{ exitCode: number | null; output: string }> {
  const child = spawn(act, args, {
    cwd: options.repository,
    env: environment(options.home),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what a step leaves behind ends with it.
    detached: true,
  });
  // Apart: what comes from one must not fall into a line of the other.
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      told[name] += text;
    });
  }
  const group = child.pid;
  const timer = setTimeout(() => {
    if (group !== undefined) process.kill(-group, 'SIGKILL');
  }, options.timeoutMs ?? 120_000);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code));
    // What a step leaves behind, such as a guardian, may hold the output open: then what was said by now has to do.
    child.on('exit', (code) => setTimeout(resolve, 2000, code));
  });
  clearTimeout(timer);
  return { exitCode, output: `${told.stdout}\n${told.stderr}` };
}

interface LogLine {
  readonly job?: string;
  readonly jobID?: string;
  readonly matrix?: Readonly<Record<string, unknown>>;
  readonly msg?: string;
  readonly raw_output?: boolean;
  readonly step?: string;
  readonly stage?: string;
  readonly stepResult?: string;
  readonly jobResult?: string;
}

function readLog(output: string): { jobs: readonly ActJob[]; log: string } {
  const jobs = new Map<
    string,
    { id: string; matrix: object; result?: string; steps: ActStep[]; output: string }
  >();
  let log = '';
  for (const text of output.split('\n')) {
    const line = parseLine(text);
    log += `${line.msg?.replace(/\n$/, '') ?? text}\n`;
    if (line.jobID === undefined) continue;
    const key = `${line.job} ${JSON.stringify(line.matrix)}`;
    const job = jobs.get(key) ?? { id: line.jobID, matrix: line.matrix ?? {}, steps: [], output: '' };
    jobs.set(key, job);
    // The steps of a composite report to their own names; `Main` leaves out set-up and the like.
    if (line.stepResult !== undefined && line.stage === 'Main') {
      job.steps.push({ name: line.step ?? '', result: line.stepResult });
    }
    if (line.raw_output === true || /::(error|warning|notice)/.test(line.msg ?? ''))
      job.output += `${line.msg}\n`;
    if (line.jobResult !== undefined) job.result = line.jobResult;
  }
  const ran = [...jobs.values()].filter((job) => job.result !== undefined || job.steps.length > 0);
  return { log, jobs: ran.map((job) => ({ ...job, matrix: { ...job.matrix }, result: resultOf(job) })) };
}

/** Of a matrix act knows one result only, that of all its jobs together: a job of it fails with its steps. */
function resultOf(job: {
  readonly matrix: object;
  readonly result?: string;
  readonly steps: readonly ActStep[];
}): string | undefined {
  if (job.steps.some((step) => step.result === 'failure')) return 'failure';
  return job.result !== undefined && Object.keys(job.matrix).length > 0 ? 'success' : job.result;
}

function parseLine(text: string): LogLine {
  if (!text.startsWith('{')) return {};
  try {
    const line: LogLine = JSON.parse(text);
    return line;
  } catch {
    return {};
  }
}
