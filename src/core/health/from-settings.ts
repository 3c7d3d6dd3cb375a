import type { HealthCheckSetting } from '../config/health-check.ts';
import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import type { CommandCheck, ContainerCheck, HealthCheck, HealthTiming } from './check.ts';
import { defaultStatus, type HeaderExpectation, parseBody, parseStatus } from './expectation.ts';
import { withLaunchPort } from './launch-port.ts';
import { splitCommand } from './split-command.ts';

/** Where and with what a service's checks run. */
export interface CheckContext {
  /** The folder in which commands run. */
  readonly cwd: string;
  /** The whole environment of commands, `docker` among them; LAUNCH_PORT of it may stand in an address, too. */
  readonly env: NodeJS.ProcessEnv;
  /** The compose project, whose services `container` may then name. */
  readonly project?: string;
  /** A worker's: where only a path is given it is asked at its own address, which is not known yet. */
  readonly hasOwnAddress?: boolean;
  /** Values that no report may show, though what is asked may answer with them. */
  readonly secrets?: readonly string[];
  /** For checks that say nothing themselves. */
  readonly timing?: {
    readonly timeoutMs?: number;
    readonly intervalMs?: number;
    readonly successes?: number;
  };
}

const defaults = { timeoutMs: 60_000, intervalMs: 200, successes: 1 };

/**
 * @throws LaunchError CONFIG_INVALID for a command that needs a shell, a container name that is none, or a port that
 *   nobody has given
 */
export function checkFromSetting(
  setting: HealthCheckSetting,
  context: CheckContext,
  place?: Place,
): HealthCheck {
  if (setting.http !== undefined) {
    if (setting.http.startsWith('/') && context.hasOwnAddress !== true) throw onlyPath(setting.http, place);
    return {
      kind: 'http',
      ...timingOf(setting, context, 'network'),
      secrets: context.secrets,
      url: withLaunchPort(setting.http, context.env['LAUNCH_PORT'], place),
      headers: setting.headers ?? {},
      status: statusOf(setting.status),
      body: setting.body === undefined ? undefined : parseBody(setting.body),
      responseHeaders: Object.entries(setting['expect-headers'] ?? {}).map(
        ([name, value]): HeaderExpectation => ({ name: name.toLowerCase(), value: parseBody(value) }),
      ),
    };
  }
  if (setting.tcp !== undefined) {
    const address = withLaunchPort(setting.tcp, context.env['LAUNCH_PORT'], place);
    const cut = address.lastIndexOf(':');
    const host = address.slice(0, cut).replace(/^\[|\]$/g, '');
    return {
      kind: 'tcp',
      ...timingOf(setting, context, 'network'),
      host,
      port: Number(address.slice(cut + 1)),
    };
  }
  if (setting.command !== undefined) {
    const argv =
      typeof setting.command === 'string'
        ? splitCommand(setting.command, place)
        : programOf(setting.command, place);
    return commandCheck(argv, context, setting);
  }
  return containerCheck(setting.container ?? '', context, setting, place);
}

function onlyPath(path: string, place: Place | undefined): LaunchError {
  return new LaunchError('CONFIG_INVALID', `The health check "${printable(path, 80)}" names only a path.`, {
    ...(place === undefined ? {} : { place }),
    remedy: 'Give the whole URL. Only the deployment of a worker knows an address to put before it.',
  });
}

export function commandCheck(
  argv: readonly [string, ...string[]],
  context: CheckContext,
  timing: TimingSetting = {},
): CommandCheck {
  const { cwd, env, secrets = [] } = context;
  return { kind: 'command', ...timingOf(timing, context, 'command'), argv, cwd, env, secrets };
}

/** All containers of a compose project: running, and healthy where they have a health check. */
export function projectCheck(project: string, context: CheckContext): ContainerCheck {
  return {
    kind: 'container',
    ...timingOf({}, context, 'network'),
    container: { project, service: undefined },
    env: context.env,
    secrets: context.secrets,
  };
}

function containerCheck(
  name: string,
  context: CheckContext,
  setting: TimingSetting,
  place: Place | undefined,
): ContainerCheck {
  // What docker takes as a name; also nothing that its command line would take for an option.
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) {
    throw new LaunchError('CONFIG_INVALID', `"${printable(name, 80)}" is not a container name.`, {
      ...(place === undefined ? {} : { place }),
      remedy: 'Use letters, digits, dots, hyphens and underscores, as `docker ps` shows it.',
    });
  }
  return {
    kind: 'container',
    ...timingOf(setting, context, 'network'),
    container: context.project === undefined ? { name } : { project: context.project, service: name },
    env: context.env,
    secrets: context.secrets,
  };
}

interface TimingSetting {
  readonly timeout?: number | undefined;
  readonly interval?: number | undefined;
  readonly successes?: number | undefined;
}

/**
 * A hanging answer may take at most a quarter of the time, and 10 s. A command may take half of it: scripts
 * often wait for the service themselves.
 */
function timingOf(setting: TimingSetting, context: CheckContext, kind: 'network' | 'command'): HealthTiming {
  const timeoutMs = setting.timeout ?? context.timing?.timeoutMs ?? defaults.timeoutMs;
  return {
    timeoutMs,
    intervalMs: Math.max(10, setting.interval ?? context.timing?.intervalMs ?? defaults.intervalMs),
    attemptMs:
      kind === 'command' ? Math.max(1000, timeoutMs / 2) : Math.min(10_000, Math.max(1000, timeoutMs / 4)),
    successes: setting.successes ?? context.timing?.successes ?? defaults.successes,
  };
}

function statusOf(setting: HealthCheckSetting['status']) {
  if (setting === undefined) return defaultStatus;
  const list = Array.isArray(setting) ? setting : [setting];
  return list.flatMap((item) => parseStatus(String(item)) ?? []);
}

function programOf(argv: readonly string[], place: Place | undefined): readonly [string, ...string[]] {
  const [program, ...args] = argv;
  if (program !== undefined && program !== '') return [program, ...args];
  throw new LaunchError('CONFIG_INVALID', 'A health command names no program.', {
    ...(place === undefined ? {} : { place }),
    remedy: 'Put the program first, e.g. [./health-check.sh, --fast].',
  });
}
