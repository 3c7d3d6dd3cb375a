import type { GpuFlags } from './flags.ts';
import { UsageError } from './run-command.ts';

const ensure = ['ensure'];

/** The operations of `launch gpu` that heed an option. */
const operationsOf: Readonly<Record<keyof GpuFlags, readonly string[]>> = {
  label: ['ensure', 'status', 'delete'],
  id: ['delete'],
  types: ensure,
  regions: ensure,
  image: ensure,
  stackscript: ensure,
  stackscriptData: ensure,
  authorizedKeys: ensure,
  firewall: ensure,
  tags: ensure,
  ttl: ensure,
  maxHourlyCost: ensure,
  waitFor: ensure,
  timeout: ensure,
  onFailure: ensure,
  dryRun: ['ensure', 'delete', 'reap'],
  yes: ['delete'],
  host: ['check'],
  apiKeyFile: ['check'],
  uiPort: ['check'],
  apiPort: ['check'],
};
/** They have a value also when nobody gave one. */
const withDefault: ReadonlySet<string> = new Set<keyof GpuFlags>(['onFailure', 'uiPort', 'apiPort']);

/**
 * What would be ignored may be what somebody relied on: `reap --label x` would delete more than x.
 *
 * @throws UsageError
 */
export function assertOptions(operation: string, flags: GpuFlags): void {
  for (const [key, operations] of Object.entries(operationsOf)) {
    if (Reflect.get(flags, key) === undefined || withDefault.has(key) || operations.includes(operation)) {
      continue;
    }
    const option = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(
      `\`launch gpu ${operation}\` has no option ${option}: ${operations.join(', ')} has.`,
    );
  }
}
