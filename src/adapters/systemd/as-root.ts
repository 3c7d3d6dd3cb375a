import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { assertNotCancelled, describeOutcome, type RunResult, run, succeeded } from '../process/run.ts';

export interface RootCommand {
  readonly input?: string;
  /** In milliseconds, default 30 s. */
  readonly timeout?: number;
}

/** Runs a command as root: as it is for root, else by a sudo that asks nothing. */
export interface AsRoot {
  /** For what everybody may know: as the user who runs this. Throws what `must` throws. */
  ask(command: readonly [string, ...string[]], what: string): Promise<string>;
  run(command: readonly [string, ...string[]], options?: RootCommand): Promise<RunResult>;
  /** @throws LaunchError DEPLOY_FAILED with the command's own words, CONFIG_INVALID where sudo wants a password */
  must(command: readonly [string, ...string[]], what: string, options?: RootCommand): Promise<string>;
}

export function asRoot(env: NodeJS.ProcessEnv, uid: number, signal: AbortSignal | undefined): AsRoot {
  const prefix = uid === 0 ? [] : (['sudo', '-n', '--'] as const);
  const runAsRoot: AsRoot['run'] = async (command, { input, timeout = 30_000 } = {}) => {
    const [first, ...rest] = [...prefix, ...command];
    return await run([first ?? '', ...rest], {
      env,
      timeout,
      ...(input === undefined ? {} : { input }),
      ...(signal === undefined ? {} : { signal }),
    });
  };
  const end = signal === undefined ? {} : { signal };
  return {
    run: runAsRoot,
    async ask(command, what) {
      const result = assertNotCancelled(await run(command, { env, timeout: 30_000, ...end }));
      if (succeeded(result)) return result.stdout;
      throw refused(result, what, 0);
    },
    async must(command, what, options) {
      const result = assertNotCancelled(await runAsRoot(command, options));
      if (succeeded(result)) return result.stdout;
      throw refused(result, what, uid);
    },
  };
}

function refused(result: RunResult, what: string, uid: number): LaunchError {
  const said = result.stderr.trim();
  const [program] = result.command;
  if (uid !== 0 && (result.outcome === 'not-started' || /^sudo: /m.test(said))) {
    return new LaunchError('CONFIG_INVALID', `Launch could not ${what}: this user may not become root.`, {
      remedy:
        "A systemd unit is root's. Run this as root, let the runner's user use sudo without a password, or take `run-as: compose`.",
    });
  }
  if (result.outcome === 'not-started') {
    return new LaunchError('ENGINE_UNAVAILABLE', `Launch could not ${what}: there is no ${program} here.`, {
      remedy: 'Take `run-as: compose`, or run this on a host with systemd.',
    });
  }
  const why = said === '' ? describeOutcome(result) : printable(said, 300);
  if (/not been booted with systemd|Failed to connect to bus/i.test(said)) {
    return new LaunchError('ENGINE_UNAVAILABLE', `Launch could not ${what}: ${why}.`, {
      remedy: 'systemd does not run here. Take `run-as: compose`, or run this on a host with systemd.',
    });
  }
  const isFull = /no space left on device/i.test(said);
  return new LaunchError(isFull ? 'DISK_FULL' : 'DEPLOY_FAILED', `Launch could not ${what}: ${why}.`, {
    remedy: isFull ? 'Free space there, then run it again.' : 'Mend what it names, then run it again.',
  });
}
