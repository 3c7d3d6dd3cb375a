import { findStateRoot } from '../../adapters/state/find-state-root.ts';
import { describeFreeze } from '../../core/deploy/freeze.ts';
import { type Health, readStatus, type ServiceStatus } from '../../operations/read-status.ts';
import { exitCodes } from '../exit-codes.ts';
import type { StateFlags } from '../flags.ts';
import type { StatusOutput } from '../output/status.ts';
import type { CommandContext, CommandResult, ReadonlyDeep } from '../run-command.ts';
import { painted, printTable } from '../table.ts';
import type { Style } from '../terminal.ts';

/** Exit 1 when something is not as it was released, is not there or can't be looked at: for a script that watches. */
export async function status(
  { reporter }: CommandContext,
  services: readonly string[],
  flags: StateFlags,
): Promise<CommandResult<StatusOutput>> {
  const stateRoot = findStateRoot(flags.stateDir, process.env);
  const found = await readStatus({ stateRoot, services, hostEnv: process.env });
  const unknown = services.filter((name) => !found.some((it) => it.service === name));
  for (const name of unknown) reporter.warning(`Nothing of "${name}" was deployed on this machine.`);
  const isWrong = (it: ServiceStatus) => it.health === 'unhealthy' || it.unseen || it.drift.length > 0;
  return {
    json: { stateRoot, services: found.map(toJson) },
    print: () => print(found, { stateRoot, unknown }),
    exitCode: unknown.length > 0 || found.some(isWrong) ? exitCodes.failed : exitCodes.ok,
  };
}

const styles: Readonly<Record<Health, Style>> = {
  healthy: 'green',
  starting: 'yellow',
  unknown: 'yellow',
  unhealthy: 'red',
  removed: 'dim',
};

async function print(
  found: readonly ServiceStatus[],
  { stateRoot, unknown }: { readonly stateRoot: string; readonly unknown: readonly string[] },
): Promise<void> {
  if (found.length === 0) {
    if (unknown.length > 0) return;
    process.stdout.write(`Nothing was deployed on this machine, as far as ${stateRoot} tells.\n`);
    return;
  }
  await printTable(
    ['SERVICE', 'TARGET', 'RELEASE', 'COMMIT', 'AGE', 'HEALTH', 'DRIFT', 'FROZEN'],
    found.map((it) => [
      it.service,
      it.target,
      `${it.release ?? 'none'}${it.restores === undefined ? '' : ` (= ${it.restores})`}`,
      it.commit?.slice(0, 12) ?? '',
      ageOf(it.at),
      it.unfinished
        ? painted('yellow', `${it.health}, unfinished deployment`)
        : painted(styles[it.health], it.health),
      it.drift.length === 0 ? 'none' : painted('yellow', String(it.drift.length)),
      it.frozen === undefined ? '' : painted('cyan', 'yes'),
    ]),
    // Below the table there is a line of why a service is frozen.
    ['FROZEN', 'COMMIT', 'TARGET', 'AGE'],
  );
  for (const it of found) {
    for (const line of it.drift) process.stdout.write(`${it.service}: drift: ${line}\n`);
    if (it.detail !== '') process.stdout.write(`${it.service}: ${it.health}: ${it.detail}\n`);
    if (it.frozen !== undefined) process.stdout.write(`${it.service}: ${describeFreeze(it.frozen)}\n`);
  }
}

function toJson({ unseen: _, ...status }: ServiceStatus): ReadonlyDeep<StatusOutput['services'][number]> {
  const { release, restores, commit, at, by, url, frozen } = status;
  return {
    ...status,
    release: release ?? null,
    restores: restores ?? null,
    commit: commit ?? null,
    at: at ?? null,
    by: by ?? null,
    url: url ?? null,
    frozen: frozen ?? null,
  };
}

function ageOf(at: string | undefined): string {
  if (at === undefined) return '';
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(at)) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60 / 24)} d`;
}
