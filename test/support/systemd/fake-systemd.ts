// A host with a systemd that stands in: folders of its own, and `systemctl`, `journalctl` and `sudo` on PATH.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SystemdFolders } from '../../../src/operations/tunnel/systemd-connector.ts';
import { temporaryFolder } from '../repository.ts';
import { node24 } from '../tools.ts';

export interface FakeSystemd {
  readonly folders: SystemdFolders;
  /** With the stand-ins first on PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** The calls so far, a line each, `systemctl enable …`; `show` is left out. */
  calls(): string[];
  isEnabled(unit: string): boolean;
  /** Of the service's process; undefined when it does not run. */
  pidOf(unit: string): number | undefined;
  /** The commands that were run by sudo, a line each. */
  asRoot(): string[];
  /** Fails the nth command by sudo from now on and all after it; undefined: none. */
  failFrom(nth: number | undefined): void;
  /** Ends all that was started. */
  stop(): void;
}

export function fakeSystemd(): FakeSystemd {
  const root = temporaryFolder('launch-systemd-');
  const folders = {
    units: join(root, 'etc/systemd/system'),
    tokens: join(root, 'etc/launch/tunnels'),
    programs: join(root, 'usr/local/lib/launch'),
  };
  const bin = join(root, 'bin');
  const state = join(root, 'state');
  for (const folder of [folders.units, bin, state]) mkdirSync(folder, { recursive: true });
  const script = resolve(import.meta.dirname, 'systemctl.ts');
  const program = (name: string, body: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  for (const name of ['systemctl', 'journalctl']) {
    program(
      name,
      `export FAKE_SYSTEMD='${state}' FAKE_SYSTEMD_UNITS='${folders.units}'\nexec '${node24()}' '${script}' ${name} "$@"`,
    );
  }
  // It asks for no password, as on a runner that was set up for it; from the call on that a file names it fails.
  program(
    'sudo',
    `[ "$1 $2" = '-n --' ] || exit 1
shift 2
echo "$*" >>'${state}/sudo'
if [ -e '${state}/fail-from' ] && [ "$(wc -l <'${state}/sudo')" -ge "$(cat '${state}/fail-from')" ]; then
  echo 'cut off' >&2
  exit 1
fi
exec "$@"`,
  );
  const read = (): { enabled: string[]; pids: Record<string, number> } => {
    const file = join(state, 'state.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { enabled: [], pids: {} };
  };
  const lines = (name: string) =>
    existsSync(join(state, name)) ? readFileSync(join(state, name), 'utf8').split('\n').filter(Boolean) : [];
  return {
    folders,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    calls: () => lines('calls').filter((line) => !line.startsWith('systemctl show')),
    isEnabled: (unit) => read().enabled.includes(unit),
    pidOf: (unit) => read().pids[unit],
    asRoot: () => lines('sudo'),
    failFrom(nth) {
      writeFileSync(join(state, 'sudo'), '');
      if (nth === undefined) rmSync(join(state, 'fail-from'), { force: true });
      else writeFileSync(join(state, 'fail-from'), String(nth));
    },
    stop() {
      for (const pid of Object.values(read().pids)) {
        try {
          process.kill(-pid, 'SIGKILL');
        } catch {
          // It has ended already.
        }
      }
    },
  };
}
