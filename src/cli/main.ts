import { Command, CommanderError } from 'commander';
import { outliveClosedOutput } from '../adapters/process/closed-output.ts';
import { type EarlySignals, hearSignals, leaveSignals } from '../adapters/process/interruption.ts';
import { seeThrough } from '../adapters/process/see-through.ts';
import { cancelledEarly } from '../core/cancelled.ts';
import { version } from '../version.ts';
import { defineAdopt } from './define-adopt.ts';
import { defineCompletion } from './define-completion.ts';
import { defineDeploy } from './define-deploy.ts';
import { defineDiff } from './define-diff.ts';
import { defineDoctor } from './define-doctor.ts';
import { defineEdge } from './define-edge.ts';
import { defineFreeze, defineUnfreeze } from './define-freeze.ts';
import { defineGpu } from './define-gpu.ts';
import { defineInit } from './define-init.ts';
import { defineInstance } from './define-instance.ts';
import { defineLogs } from './define-logs.ts';
import { defineNew } from './define-new.ts';
import { defineNotify } from './define-notify.ts';
import { definePlan } from './define-plan.ts';
import { defineRecover, defineUnlock } from './define-recover.ts';
import { defineRemove } from './define-remove.ts';
import { defineRollback } from './define-rollback.ts';
import { defineHistory, defineStatus } from './define-status.ts';
import { defineTunnel } from './define-tunnel.ts';
import { defineValidate } from './define-validate.ts';
import { withExamples } from './examples.ts';
import { exitCodes } from './exit-codes.ts';
import { report } from './run-command.ts';

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

/** All commands with their options; nothing is run before it parses a command line. */
export function program(): Command {
  const launch = withExamples(new Command('launch'), [
    ['launch plan', 'Show what would be deployed, and where.'],
    ['launch deploy website', 'Deploy a service to this machine.'],
    ['launch status', 'Show what serves on it.'],
    ['launch deploy --help', 'Show everything that a command takes, with examples.'],
  ])
    .description('Push-to-deploy out of GitHub Actions, on machines you already have.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('Run with --help for all options.');

  defineInit(command(launch, 'init'));
  defineNew(command(launch, 'new'));
  definePlan(command(launch, 'plan'));
  defineValidate(command(launch, 'validate'));
  defineDeploy(command(launch, 'deploy'));
  defineRollback(atPlace(command(launch, 'rollback')));
  defineRemove(atPlace(command(launch, 'remove')));
  defineFreeze(atPlace(command(launch, 'freeze')));
  defineUnfreeze(atPlace(command(launch, 'unfreeze')));

  defineStatus(command(launch, 'status'));
  defineLogs(atPlace(command(launch, 'logs')));
  defineHistory(atPlace(command(launch, 'history'), '[service]'));
  defineDiff(atPlace(command(launch, 'diff')));
  defineRecover(command(launch, 'recover'));
  defineUnlock(atPlace(command(launch, 'unlock')));
  defineEdge(command(launch, 'edge'));
  defineTunnel(command(launch, 'tunnel'));
  defineAdopt(command(launch, 'adopt'));
  defineInstance(command(launch, 'instance'));
  defineGpu(command(launch, 'gpu'));
  defineNotify(command(launch, 'notify'));

  defineDoctor(command(launch, 'doctor'));
  defineCompletion(command(launch, 'completion'), launch);
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
function atPlace(parent: Command, argument = '<service>'): Command {
  return parent
    .argument(
      argument,
      argument === '[service]' ? 'the service (default: all of this machine)' : 'the service',
    )
    .option('--target <name>', 'the target that this machine is')
    .option('--repository <owner/name>', 'whose service it is (default: that of this checkout)')
    .option('--state-dir <folder>', 'where releases are kept');
}
