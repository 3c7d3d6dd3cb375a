import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineApi } from '../../../adapters/engine/api.ts';
import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import { execIn } from '../../../adapters/engine/exec.ts';

const pauseMs = 150;
const defaultTimeoutMs = 30_000;

/** After how many failures the engine calls it unhealthy; 0 is its default. */
export function retriesOf({ Config }: Pick<InspectedContainer, 'Config'>): number {
  return Number(fieldOf(Config['Healthcheck'], 'Retries') ?? 0);
}

/** The command of a container's own health check; undefined where it has none. */
export function healthCommand({ Config }: Pick<InspectedContainer, 'Config'>): readonly string[] | undefined {
  const test = fieldOf(Config['Healthcheck'], 'Test');
  if (!Array.isArray(test)) return undefined;
  const [kind, ...words] = test.map(String);
  if (kind === 'CMD' && words.length > 0) return words;
  if (kind !== 'CMD-SHELL') return undefined;
  const shell = Config['Shell'];
  const start = Array.isArray(shell) && shell.length > 0 ? shell.map(String) : ['/bin/sh', '-c'];
  return [...start, words.join(' ')];
}

/**
 * Runs the health checks of containers ourselves, again and again until each has passed: the engine's first look
 * comes only after a whole interval, which may be half a minute. The ids of those that have passed collect in
 * the set; what fails for good the engine tells itself.
 */
export function probeOwnHealth(
  api: EngineApi,
  found: readonly InspectedContainer[],
  signal: AbortSignal,
): { readonly passed: ReadonlySet<string>; readonly probed: boolean; readonly ended: Promise<void> } {
  const all = found.flatMap((container) => {
    const command = healthCommand(container);
    return command === undefined || !container.State.Running ? [] : [{ container, command }];
  });
  const isKnown = ({ State }: InspectedContainer) => State.Health?.Status === 'healthy';
  const passed = new Set(
    all.filter(({ container }) => isKnown(container)).map(({ container }) => container.Id),
  );
  const probes = all.filter(({ container }) => !isKnown(container));
  // One that hangs is not waited for once it does not matter any more.
  const given = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const ended = Promise.all(
    probes.map(async ({ container, command }) => {
      const limit =
        Number(fieldOf(container.Config['Healthcheck'], 'Timeout') ?? 0) / 1e6 || defaultTimeoutMs;
      while (!signal.aborted) {
        const asked = execIn(api, container.Id, command, limit).catch(() => undefined);
        const status = await Promise.race([asked, given]);
        if (status === 0) {
          passed.add(container.Id);
          return;
        }
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
      }
    }),
  ).then(() => {});
  return { passed, probed: all.length > 0, ended };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
