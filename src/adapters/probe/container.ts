import type { Attempt, Failure } from '../../core/health/attempt.ts';
import type { ContainerCheck } from '../../core/health/check.ts';
import { type RunResult, run, succeeded } from '../process/run.ts';

/**
 * Looks at containers by the `docker` command: each must run, and be healthy where it has a health check. Of a
 * compose project the one-shot containers that ended well count as healthy, too.
 */
export async function probeContainer(
  check: ContainerCheck,
  limitMs: number,
  signal: AbortSignal,
): Promise<Attempt> {
  const started = performance.now();
  const failure = await findFault(check, limitMs, signal);
  const latencyMs = Math.round(performance.now() - started);
  return failure === undefined ? { ok: true, latencyMs } : { ok: false, latencyMs, failure };
}

async function findFault(
  check: ContainerCheck,
  limitMs: number,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const deadline = performance.now() + limitMs;
  const docker = async (...args: string[]) =>
    await run(['docker', ...args], {
      env: check.env,
      timeout: Math.max(1, Math.round(deadline - performance.now())),
      signal,
      // A hanging plugin or wrapper of docker must not outlive the attempt.
      wholeGroup: true,
    });
  let names = 'name' in check.container ? [check.container.name] : [];
  if ('project' in check.container) {
    const { project, service } = check.container;
    const listed = await docker(...listArguments(project, service));
    if (!succeeded(listed)) return engineFailure(listed, limitMs);
    names = listed.stdout.split('\n').filter((id) => id !== '');
    if (names.length === 0)
      return {
        kind: 'no-container',
        wanted: `of ${service ?? 'any service'} in the compose project ${project}`,
      };
  }
  const inspected = await docker(
    'container',
    'inspect',
    '--format',
    '{{json .Name}} {{json .State}}',
    ...names,
  );
  if (!succeeded(inspected)) {
    const [name = ''] = names;
    return /no such container/i.test(inspected.stderr)
      ? { kind: 'no-container', wanted: `"${name}"` }
      : engineFailure(inspected, limitMs);
  }
  const oneShotAllowed = 'project' in check.container && check.container.service === undefined;
  for (const line of inspected.stdout.split('\n')) {
    const fault = faultIn(line, oneShotAllowed);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Stopped ones, too: a container that has crashed must not be overlooked. */
function listArguments(project: string, service: string | undefined): string[] {
  const labels = [
    `com.docker.compose.project=${project}`,
    'com.docker.compose.oneoff=False',
    ...(service === undefined ? [] : [`com.docker.compose.service=${service}`]),
  ];
  return [
    'ps',
    '--all',
    '--quiet',
    '--no-trunc',
    ...labels.flatMap((label) => ['--filter', `label=${label}`]),
  ];
}

function faultIn(line: string, oneShotAllowed: boolean): Failure | undefined {
  const cut = line.indexOf(' {');
  const name = String(parsed(line.slice(0, cut)) ?? '').replace(/^\//, '');
  const state = parsed(line.slice(cut + 1));
  if (!isRecord(state)) return { kind: 'engine', detail: `docker inspect printed "${line}"` };
  const status = String(state['Status']);
  const exitCode = state['ExitCode'];
  if (status !== 'running') {
    if (oneShotAllowed && status === 'exited' && exitCode === 0) return undefined;
    const how = state['OOMKilled'] === true ? ', killed for want of memory' : '';
    const code =
      status === 'exited' || status === 'restarting' ? ` (exit status ${String(exitCode)}${how})` : '';
    return { kind: 'container', name, state: `${status}${code}`, output: String(state['Error'] ?? '') };
  }
  const health = state['Health'];
  if (!isRecord(health) || health['Status'] === 'healthy' || health['Status'] === 'none') return undefined;
  return {
    kind: 'container',
    name,
    state: String(health['Status']),
    output: lastHealthOutput(health['Log']),
  };
}

function lastHealthOutput(log: unknown): string {
  const last: unknown = Array.isArray(log) ? log.at(-1) : undefined;
  return isRecord(last) ? String(last['Output'] ?? '') : '';
}

function engineFailure(result: RunResult, limitMs: number): Failure {
  switch (result.outcome) {
    case 'not-started':
      return { kind: 'not-started', program: 'docker', reason: 'Docker is not installed, or not on PATH' };
    case 'timed-out':
      return { kind: 'timeout', afterMs: Math.round(limitMs), what: 'answer of the container engine' };
    default:
      return { kind: 'engine', detail: result.stderr };
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
