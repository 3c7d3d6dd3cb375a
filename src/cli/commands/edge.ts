import { findStateRoot } from '../../adapters/state/find-state-root.ts';
import { edgeUp } from '../../operations/edge/set-up.ts';
import { type EdgeStatus, edgeStatus } from '../../operations/edge/status.ts';
import { edgeDown } from '../../operations/edge/take-down.ts';
import { exitCodes } from '../exit-codes.ts';
import type { EdgeFlags } from '../flags.ts';
import type { EdgeDownOutput, EdgeOutput } from '../output/edge.ts';
import { whoAmI } from '../place.ts';
import { type CommandContext, type CommandResult, UsageError } from '../run-command.ts';
import { printTable } from '../table.ts';

export async function edge(
  { reporter }: CommandContext,
  operation: string,
  flags: EdgeFlags,
): Promise<CommandResult<EdgeOutput | EdgeDownOutput>> {
  const request = { stateRoot: findStateRoot(flags.stateDir, process.env), env: process.env };
  switch (operation) {
    case 'up':
      return shown(
        await edgeUp(
          {
            ...request,
            by: `launch edge up by ${whoAmI()}`,
            admin: flags.admin,
            image: flags.image,
            http: flags.httpPort,
            https: flags.httpsPort,
            tls: tlsOf(flags.tls),
            bind: flags.bind,
          },
          reporter,
        ),
      );
    case 'status':
      return shown(await edgeStatus(request));
    case 'down': {
      const { wasThere } = await edgeDown(request);
      const text = wasThere ? 'The edge proxy is gone.' : 'This host has no edge proxy.';
      return { json: { wasThere }, print: () => void process.stdout.write(`${text}\n`) };
    }
    default:
      throw new UsageError(`"${operation}" is not one of up, status, down.`);
  }
}

function tlsOf(text: string): 'auto' | 'off' {
  if (text === 'auto' || text === 'off') return text;
  throw new UsageError('--tls takes auto or off.');
}

function shown(status: EdgeStatus): CommandResult<EdgeOutput> {
  const { settings, answers, routes, handsOver } = status;
  const isRight = answers && routes.every(({ right }) => right);
  return {
    json: { settings: settings ?? null, answers, routes, handsOver: handsOver ?? null },
    async print() {
      if (settings === undefined) {
        process.stdout.write('This host has no edge proxy. Set one up with: launch edge up\n');
        return;
      }
      const { admin, http, https, tls, container } = settings;
      const where = container === undefined ? 'not started by Launch' : `container ${container}`;
      process.stdout.write(
        `Edge proxy at ${admin} (${where}): ${answers ? 'answers' : 'DOES NOT ANSWER'}; ports ${http} and ${https}, TLS ${tls}.\n`,
      );
      if (handsOver === false) {
        process.stdout.write(
          'Waiting connections are not handed over at a switch (net.ipv4.tcp_migrate_req is 0).\n',
        );
      }
      if (routes.length === 0) return;
      await printTable(
        ['HOST', 'PATH', 'SERVICE', 'TARGET', 'LEADS TO', 'STATE'],
        routes.map((it) => [
          it.host,
          it.path,
          it.service,
          it.target,
          it.upstreams.join(' '),
          it.right ? 'ok' : 'not where its containers are',
        ]),
      );
    },
    exitCode: settings === undefined || isRight ? exitCodes.ok : exitCodes.failed,
  };
}
