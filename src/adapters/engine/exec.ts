import * as z from 'zod/mini';
import type { EngineApi } from './api.ts';
import { ok, parse } from './containers.ts';

const created = z.object({ Id: z.string() });
const state = z.object({ Running: z.boolean(), ExitCode: z.nullable(z.number()) });

/**
 * Runs a command inside a container and gives its exit status; undefined when it did not end in time, or when
 * the container does not run.
 */
export async function execIn(
  api: EngineApi,
  container: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<number | undefined> {
  const body = { Cmd: command, AttachStdout: true, AttachStderr: true };
  const made = await api.call('POST', `/containers/${container}/exec`, { body });
  // 409: it does not run; 404: it is gone.
  if (made.status === 409 || made.status === 404) return undefined;
  const { Id: id } = parse(created, ok(made, 'run a health check'));
  const late = await Promise.race([
    api.call('POST', `/exec/${id}/start`, { body: { Detach: false, Tty: false }, timeout: timeoutMs }).then(
      () => false,
      () => true,
    ),
    new Promise<true>((resolve) => setTimeout(resolve, timeoutMs, true).unref()),
  ]);
  if (late) return undefined;
  const ended = parse(state, ok(await api.call('GET', `/exec/${id}/json`), 'look at a health check'));
  return ended.Running ? undefined : (ended.ExitCode ?? undefined);
}
