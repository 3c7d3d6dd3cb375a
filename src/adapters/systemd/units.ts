import { succeeded } from '../process/run.ts';
import type { AsRoot } from './as-root.ts';

/** A unit as systemd sees it. */
export interface UnitState {
  /** `loaded`, `not-found`, `bad-setting`, … */
  readonly load: string;
  /** `active`, `activating`, `inactive`, `failed`, … */
  readonly active: string;
  /** `enabled`, `disabled`, … ; empty for a unit without a file. */
  readonly enabled: string;
  /** Whether its file has changed since systemd read it. */
  readonly isStale: boolean;
}

export interface Units {
  show(unit: string): Promise<UnitState>;
  reload(): Promise<void>;
  enable(unit: string): Promise<void>;
  /** Returns when the process has been started, whatever becomes of it. */
  restart(unit: string): Promise<void>;
  /** Ends it and takes it out of the boot. */
  disable(unit: string): Promise<void>;
  /** The last lines of its log, oldest first; nothing where they can't be read. */
  tail(unit: string, lines: number): Promise<string[]>;
}

const shown = ['LoadState', 'ActiveState', 'UnitFileState', 'NeedDaemonReload'] as const;

/** systemd's system units. Each call throws what `AsRoot.must` throws. */
export function systemdUnits(root: AsRoot): Units {
  return {
    async show(unit) {
      const text = await root.ask(
        ['systemctl', 'show', `--property=${shown.join(',')}`, unit],
        'ask systemd',
      );
      const value = (name: (typeof shown)[number]) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
      return {
        load: value('LoadState'),
        active: value('ActiveState'),
        enabled: value('UnitFileState'),
        isStale: value('NeedDaemonReload') === 'yes',
      };
    },
    async reload() {
      await root.must(['systemctl', 'daemon-reload'], 'have systemd read its units');
    },
    async enable(unit) {
      await root.must(['systemctl', 'enable', unit], `enable ${unit} at boot`);
    },
    async restart(unit) {
      await root.must(['systemctl', 'restart', unit], `start ${unit}`, { timeout: 90_000 });
    },
    async disable(unit) {
      await root.must(['systemctl', 'disable', '--now', unit], `stop ${unit}`, { timeout: 90_000 });
    },
    async tail(unit, lines) {
      const result = await root.run([
        'journalctl',
        `--unit=${unit}`,
        `--lines=${lines}`,
        '--no-pager',
        '--output=cat',
      ]);
      return succeeded(result) ? result.stdout.split('\n').filter((line) => line !== '') : [];
    },
  };
}
