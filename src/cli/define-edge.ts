import type { Command } from 'commander';
import { withExamples } from './examples.ts';
import type { EdgeFlags } from './flags.ts';
import { choiceOption, operationArgument, wholeNumber } from './option-values.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** The options of `launch edge`. */
export function defineEdge(command: Command): void {
  withExamples(command, [
    ['launch edge up', 'Start Caddy in a container; certificates come by themselves.'],
    [
      'launch edge up --tls off --http-port 8080 --bind 127.0.0.1',
      'Plain HTTP, behind a tunnel for example.',
    ],
    ['launch edge status', 'Show where each route leads.'],
    ['launch edge down', 'Remove it.'],
  ])
    .description('Set up, show or remove the proxy in front of the services of this machine.')
    .addArgument(operationArgument(['up', 'status', 'down']))
    .option('--admin <address>', 'use the Caddy whose admin API is there (default: start one in a container)')
    .option('--image <image>', 'the image of the container', 'caddy:2-alpine')
    .option('--http-port <port>', 'where it takes plain requests', wholeNumber, 80)
    .option('--https-port <port>', 'where it takes TLS', wholeNumber, 443)
    .option('--bind <address>', 'listen on this address only')
    .addOption(
      choiceOption('--tls <mode>', 'auto: certificates come by themselves; off: plain HTTP only', [
        ...['auto', 'off'],
      ]).default('auto'),
    )
    .option('--state-dir <folder>', 'where releases are kept')
    .action((operation: string, flags: EdgeFlags & CommonOptions) =>
      runCommand(flags, async (context) =>
        (await import('./commands/edge.ts')).edge(context, operation, flags),
      ),
    );
}
