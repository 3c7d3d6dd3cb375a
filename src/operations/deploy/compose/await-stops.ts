import { setTimeout as sleep } from 'node:timers/promises';
import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import { sentSignals } from '../../../adapters/engine/sent-signals.ts';
import { isStopSignal } from '../../../core/deploy/stop-signal.ts';
import type { ComposeHost } from './host.ts';
import { nameOf } from './project-containers.ts';

/** How long the engine gives a container that does not say how long it needs. */
const defaultStopSeconds = 10;
/** After that it is killed, which takes a moment. */
const killMs = 2000;
const pauseMs = 50;

/**
 * Waits for those of these containers that are about to end. The engine goes on with a stop though the compose that
 * has asked for it was ended; until then the container counts as running, so that nothing would start it again.
 */
export async function awaitStops(
  { api, containers }: Pick<ComposeHost, 'api' | 'containers'>,
  ids: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const found = await Promise.all(ids.map(async (id) => await containers.inspect(id)));
  const running = found.filter((it) => it?.State.Running === true) as InspectedContainer[];
  if (running.length === 0) return;
  const { signals, now } = await sentSignals(
    api,
    running.map((it) => it.Id),
  );
  await Promise.all(
    running.map(async (it) => {
      const { Id: id, State: state } = it;
      const own = String(it.Config['StopSignal'] ?? '');
      const sent = signals.findLast(({ container, signal }) => container === id && isStopSignal(signal, own));
      if (sent === undefined || sent.at < Date.parse(state.StartedAt)) return;
      const limitMs = Number(it.Config['StopTimeout'] ?? defaultStopSeconds) * 1000 + killMs;
      const end = performance.now() + limitMs - (now - sent.at);
      if (performance.now() < end)
        say(`${nameOf(it)} had been told to stop: it is started again when it has.`);
      while (performance.now() < end) {
        const current = (await containers.inspect(id))?.State;
        if (current?.Running !== true || current.StartedAt !== state.StartedAt) return;
        await sleep(pauseMs);
      }
    }),
  );
}
