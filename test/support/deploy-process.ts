// One deployment, or with `rollback`, `adopt` or `remove` one of those, in a process of its own. The request comes as JSON; what is
// reported goes to stdout, the result is its last line. With `killAt` it kills itself before its so-many-th effect on
// the host, or the first that begins like this; with `killGuardian` its guardian first.
import { readFileSync, writeSync } from 'node:fs';
import { LaunchError } from '../../src/core/errors.ts';
import { adoptService } from '../../src/operations/adopt-service.ts';
import { deployService } from '../../src/operations/deploy-service.ts';
import { removeService } from '../../src/operations/remove-service.ts';
import { rollbackService } from '../../src/operations/rollback-service.ts';

const { killAt, killGuardian, lock, rollback, adopt, remove, ...request } = JSON.parse(
  process.argv[2] ?? '{}',
);
const say = (line: string) => void process.stdout.write(`${line}\n`);

let effects = 0;
async function beforeEffect(effect: string): Promise<void> {
  effects += 1;
  writeSync(1, `effect ${effects}: ${effect}\n`);
  if (effects !== killAt && !(typeof killAt === 'string' && effect.startsWith(killAt))) return;
  if (killGuardian) endGuardian();
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => {});
}

/** The lock names it. Stopped before it is killed, so that it does nothing in between. */
function endGuardian(): void {
  try {
    const { guardian } = JSON.parse(readFileSync(lock, 'utf8'));
    if (typeof guardian === 'number') process.kill(guardian, 'SIGKILL');
  } catch {
    // There is none yet.
  }
}

try {
  const operation = remove
    ? removeService
    : adopt
      ? adoptService
      : rollback
        ? rollbackService
        : deployService;
  const result = await operation(
    {
      ...request,
      secrets: new Map(request.secrets),
      env: new Map(request.env),
      hostEnv: process.env,
      beforeEffect,
    },
    {
      group: async (title, body) => {
        say(title);
        return await body();
      },
      info: say,
      warning: say,
      debug: () => {},
      output: say,
    },
  );
  say(JSON.stringify(result));
} catch (error) {
  say(error instanceof LaunchError ? `${error.code}: ${error.message}` : String(error));
  process.exitCode = 1;
}
