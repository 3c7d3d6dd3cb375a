import { ask } from '../../adapters/http/ask.ts';
import { eventsOf } from '../../adapters/linode/account.ts';
import { readInstance } from '../../adapters/linode/instances.ts';
import { pause } from '../../adapters/process/pause.ts';
import { formatDuration } from '../../core/config/duration.ts';
import { LaunchError } from '../../core/errors.ts';
import { bootProgress } from '../../core/gpu/events.ts';
import type { GpuInstance } from '../../core/gpu/instance.ts';
import { apiPort, uiPort } from '../../core/gpu/result.ts';
import { sandboxState } from '../../core/gpu/sandbox.ts';
import { pollMs } from './access.ts';
import type { EnsureSession } from './session.ts';

/** Until when, by `performance.now()`. */
export type Deadline = number;

/**
 * Waits until the instance runs, as its events and Linode's own word for it say.
 *
 * @throws LaunchError DEPLOY_FAILED when its create or boot failed or somebody deleted it; TIMEOUT
 */
export async function awaitRunning(
  session: EnsureSession,
  { id, label }: GpuInstance,
  deadline: Deadline,
): Promise<GpuInstance> {
  let told = 'nothing is known of it yet';
  return await repeat(
    session,
    deadline,
    `${label} did not come up`,
    () => told,
    async () => {
      const [now, events] = await Promise.all([
        readInstance(session.client, id),
        eventsOf(session.client, id),
      ]);
      if (now === undefined || now.status === 'deleting') {
        throw new LaunchError('DEPLOY_FAILED', `Somebody has deleted ${label} (${id}) meanwhile.`, {
          remedy: 'Run it again for a new one.',
        });
      }
      if (now.status === 'running') return now;
      const progress = bootProgress(events ?? []);
      if (progress.state === 'failed') {
        throw new LaunchError('DEPLOY_FAILED', `${label} (${id}) did not come up: ${progress.told}.`, {
          remedy:
            'See the events of the instance at Linode; delete it and run it again, or in another region.',
        });
      }
      const said = `${now.status}${progress.state === 'waiting' ? `, ${progress.told}` : ''}`;
      if (said !== told) session.reporter.info(`${label}: ${said}`);
      told = said;
      return undefined;
    },
  );
}

/**
 * Waits until the chat and the API answer as they shall.
 *
 * @returns whether the API answers without a key
 * @throws LaunchError TIMEOUT
 */
export async function awaitServices(
  session: EnsureSession,
  { label, ipv4 }: GpuInstance,
  deadline: Deadline,
): Promise<{ readonly isOpen: boolean }> {
  let told = 'nothing answers yet';
  const look = { timeoutMs: 5000, signal: session.request.signal };
  return await repeat(
    session,
    deadline,
    `The services of ${label} did not come up`,
    () => told,
    async () => {
      const [ui, api] = await Promise.all([
        ask(`http://${ipv4}:${uiPort}/health`, look),
        ask(`http://${ipv4}:${apiPort}/v1/models`, look),
      ]);
      const state = sandboxState(ui, api);
      if (state.state === 'up') return state;
      if (state.told !== told) session.reporter.info(`${label}: ${state.told}`);
      told = state.told;
      return undefined;
    },
  );
}

/** Asks again until there is an answer. A fault of the API on the way is told and no end: the instance is not at fault. */
async function repeat<T>(
  session: EnsureSession,
  deadline: Deadline,
  what: string,
  told: () => string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const { request, reporter } = session;
  let fault = '';
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      fault = '';
    } catch (error) {
      if (!(error instanceof LaunchError) || !['API_ERROR', 'TIMEOUT'].includes(error.code)) throw error;
      fault = ` The last question failed: ${error.summary}`;
      reporter.debug(error.message);
    }
    if (performance.now() >= deadline) {
      throw new LaunchError(
        'TIMEOUT',
        `${what} within ${formatDuration(request.timeoutMs)}: ${told()}.${fault}`,
        {
          remedy:
            'See /var/log/ai-sandbox/deployment.log on the instance, check that this machine is among the addresses of the firewall, or give it more time.',
        },
      );
    }
    await pause(pollMs(request), request.signal);
  }
}
