import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { outliveClosedOutput } from '../adapters/process/closed-output.ts';
import { type EarlySignals, hearSignals, leaveSignals } from '../adapters/process/interruption.ts';
import { seeThrough } from '../adapters/process/see-through.ts';
import { cancelledEarly } from '../core/cancelled.ts';
import { version } from '../version.ts';
import { defineGpu } from './define-gpu.ts';
import { defineInstance } from './define-instance.ts';
import { defineNotify } from './define-notify.ts';
import { definePlan } from './define-plan.ts';
import { defineRemove } from './define-remove.ts';
import { defineTunnel } from './define-tunnel.ts';
import { exitCodes } from './exit-codes.ts';
import type {
  AdoptFlags,
  DeployFlags,
  EdgeFlags,
  FreezeFlags,
  HistoryFlags,
  PlaceFlags,
  RollbackFlags,
  StateFlags,
  UnlockFlags,
  ValidateFlags,
} from './flags.ts';
import {
  type CommandContext,
  type CommandResult,
  type CommonOptions,
  report,
  runCommand,
} from './run-command.ts';

/** Parses `argv` (without node and script), runs one command and sets the process's exit code. */
export async function runCli(
  early?: EarlySignals,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  outliveClosedOutput();
  attend(argv, early);
  try {
    await seeThrough(async () => {
      await program().parseAsync([...argv], { from: 'user' });
    });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version come this way, too, with exit code 0; everything else is wrong usage.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
}

/** Commands that change what runs: they are ended in good order, and say how. Any other may go at once. */
const attentive = ['deploy', 'rollback', 'remove', 'adopt', 'tunnel', 'instance', 'gpu'];

function attend(argv: readonly string[], early: EarlySignals | undefined): void {
  const asked = { json: argv.includes('--json'), verbose: false };
  if (attentive.includes(argv[0] ?? '')) hearSignals(() => report(cancelledEarly(), asked), early);
  else if (early !== undefined) leaveSignals(early);
}

/** The whole command line, as commander knows it. */
export function program(): Command {
  const launch = new Command('launch')
    .description('Push-to-deploy out of GitHub Actions, on machines you already have.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('Run with --help for all options.')
    .addHelpText(
      'after',
      '\nExit status: 0 fine, 1 failed and nothing changed, 2 wrong usage, 3 taken back (the old release serves), 4 down.',
    );

  definePlan(command(launch, 'plan'));

  command(launch, 'validate')
    .description('Check services before they are deployed; exit 1 when something is wrong.')
    .argument('[service...]', 'check these services (default: all)')
    .option('--required-files <list>', 'files that each service must have, separated by commas')
    .option('--shellcheck <severity>', 'error, warning, info, style or off')
    .option('--fail-on <severity>', 'error or warning')
    .option('--sarif <file>', 'also write the problems as SARIF')
    .action(
      act(async (services: string[], flags: ValidateFlags & CommonOptions, context) =>
        (await import('./commands/validate.ts')).validate(context, services, flags),
      ),
    );

  command(launch, 'deploy')
    .description('Deploy services from the last commit, on this machine.')
    .argument('[service...]', 'the services to deploy')
    .option('--all', 'deploy every enabled service')
    .option('--base <commit>', 'deploy what changed since this commit')
    .option('--target <name>', 'the target that this machine is')
    .option(
      '--secrets-file <file>',
      'NAME=value lines or JSON; - is stdin (default: the variable LAUNCH_SECRETS)',
    )
    .option('--env <NAME=value>', 'set a variable for the service; may be repeated', collect, [])
    .option('--state-dir <folder>', 'where releases are kept')
    .option('--keep-releases <n>', 'how many releases to keep', wholeNumber)
    .option('--timeout <seconds>', 'give up after this long', wholeNumber)
    .option('--no-rollback', 'leave a release that fails where it is')
    .option('--force', 'deploy even when nothing changed')
    .option('--dry-run', 'show what would be done, and change nothing')
    .action(
      act(async (services: string[], flags: DeployFlags & CommonOptions, context) =>
        (await import('./commands/deploy.ts')).deploy(context, services, flags),
      ),
    );

  atPlace(command(launch, 'rollback'))
    .description('Take a service on this machine back to a release of before.')
    .option('--to <release>', 'the release to go back to (default: the one before)')
    .option(
      '--secrets-file <file>',
      'NAME=value lines or JSON; - is stdin (default: the variable LAUNCH_SECRETS)',
    )
    .option('--timeout <seconds>', 'give up after this long', wholeNumber)
    .action(
      act(async (service: string, flags: RollbackFlags & CommonOptions, context) =>
        (await import('./commands/rollback.ts')).rollback(context, service, flags),
      ),
    );

  defineRemove(atPlace(command(launch, 'remove')));

  atPlace(command(launch, 'freeze'))
    .description('Hold deployments of a service on this machine, until a commit touches it.')
    .requiredOption('--reason <text>', 'why, for those who wonder (required)')
    .option('--strict', 'refuse also a commit that touches it')
    .action(
      act(async (service: string, flags: FreezeFlags & CommonOptions, context) =>
        (await import('./commands/freeze.ts')).freeze(context, service, flags),
      ),
    );

  atPlace(command(launch, 'unfreeze'))
    .description('Let deployments of a service on this machine through again.')
    .action(
      act(async (service: string, flags: PlaceFlags & CommonOptions, context) =>
        (await import('./commands/freeze.ts')).unfreeze(context, service, flags),
      ),
    );

  command(launch, 'status')
    .description('Show what serves on this machine, and whether it still is what was released.')
    .argument('[service...]', 'only these services')
    .option('--state-dir <folder>', 'where releases are kept')
    .action(
      act(async (services: string[], flags: StateFlags & CommonOptions, context) =>
        (await import('./commands/status.ts')).status(context, services, flags),
      ),
    );

  atPlace(command(launch, 'history'))
    .description('Show what was deployed on this machine, newest first.')
    .option('--limit <n>', 'how many deployments to show', countingNumber, 20)
    .action(
      act(async (service: string, flags: HistoryFlags & CommonOptions, context) =>
        (await import('./commands/history.ts')).history(context, service, flags),
      ),
    );

  command(launch, 'recover')
    .description(
      'Bring every deployment of this machine that was cut off to an end: for the boot, and by hand.',
    )
    .option('--state-dir <folder>', 'where releases are kept')
    .action((flags: StateFlags & CommonOptions) =>
      runCommand(flags, async (context) => (await import('./commands/recover.ts')).recover(context, flags)),
    );

  atPlace(command(launch, 'unlock'))
    .description('Show who holds the lock of a service; with --force end a deployment that hangs.')
    .option('--force', 'end the processes that hold it, and put the service right')
    .option('--reason <text>', 'why; it is noted down in the history')
    .action(
      act(async (service: string, flags: UnlockFlags & CommonOptions, context) =>
        (await import('./commands/unlock.ts')).unlock(context, service, flags),
      ),
    );

  command(launch, 'edge')
    .description('Set up, show or remove the proxy in front of the services of this machine.')
    .argument('<operation>', 'up, status or down')
    .option('--admin <address>', 'use the Caddy whose admin API is there (default: start one in a container)')
    .option('--image <image>', 'the image of the container', 'caddy:2-alpine')
    .option('--http-port <port>', 'where it takes plain requests', wholeNumber, 80)
    .option('--https-port <port>', 'where it takes TLS', wholeNumber, 443)
    .option('--bind <address>', 'listen on this address only')
    .option('--tls <mode>', 'auto: certificates come by themselves; off: plain HTTP only', 'auto')
    .option('--state-dir <folder>', 'where releases are kept')
    .action(
      act(async (operation: string, flags: EdgeFlags & CommonOptions, context) =>
        (await import('./commands/edge.ts')).edge(context, operation, flags),
      ),
    );

  defineTunnel(command(launch, 'tunnel'));

  command(launch, 'adopt')
    .description('Take a compose project that runs on this machine over as it runs, as a release.')
    .argument('<service>', 'the service whose folder the project is from')
    .option('--dry-run', 'compare what runs with the last commit, and take nothing over')
    .option('--target <name>', 'the target that this machine is')
    .option(
      '--secrets-file <file>',
      'NAME=value lines or JSON; - is stdin (default: the variable LAUNCH_SECRETS)',
    )
    .option(
      '--env <NAME=value>',
      'a variable that the service is deployed with; may be repeated',
      collect,
      [],
    )
    .option('--state-dir <folder>', 'where releases are kept')
    .option('--timeout <seconds>', 'give up after this long', wholeNumber)
    .action(
      act(async (service: string, flags: AdoptFlags & CommonOptions, context) =>
        (await import('./commands/adopt.ts')).adopt(context, service, flags),
      ),
    );

  defineInstance(command(launch, 'instance'));
  defineGpu(command(launch, 'gpu'));
  defineNotify(command(launch, 'notify'));

  command(launch, 'doctor')
    .description(
      'Check whether this machine can deploy, and what earlier deployments have left on it; exit 1 when something failed.',
    )
    .option('--state-dir <folder>', 'where releases are kept')
    .option('--targets', 'check the targets instead: who uses them, their runners and environments')
    .action((flags: StateFlags & CommonOptions & { readonly targets?: boolean }) =>
      runCommand(flags, async (context) =>
        flags.targets === true
          ? (await import('./commands/doctor-targets.ts')).doctorTargets(context)
          : (await import('./commands/doctor.ts')).doctor(context, flags),
      ),
    );
  return launch;
}

function command(parent: Command, name: string): Command {
  return parent
    .command(name)
    .exitOverride()
    .option('--json', 'print the result as JSON')
    .option('-v, --verbose', 'tell more: each command that is run')
    .option('-C, --directory <folder>', 'work as if started in this folder');
}

/** What tells one service of this machine from the others. */
function atPlace(parent: Command): Command {
  return parent
    .argument('<service>', 'the service')
    .option('--target <name>', 'the target that this machine is')
    .option('--repository <owner/name>', 'whose service it is (default: that of this checkout)')
    .option('--state-dir <folder>', 'where releases are kept');
}

/** A commander action over one of our commands; the last thing commander passes, itself, is not needed. */
function act<Argument, Flags extends CommonOptions>(
  body: (argument: Argument, flags: Flags, context: CommandContext) => Promise<CommandResult>,
): (argument: Argument, flags: Flags) => Promise<void> {
  return (argument, flags) => runCommand(flags, (context) => body(argument, flags, context));
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function countingNumber(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('Give at least 1.');
  return number;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}
