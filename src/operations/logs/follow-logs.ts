import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineApi } from '../../adapters/engine/api.ts';
import type { Containers, InspectedContainer, ListedContainer } from '../../adapters/engine/containers.ts';
import { readLog, readLogAfter } from '../../adapters/engine/logs.ts';
import { LaunchError } from '../../core/errors.ts';
import type { LogSource } from './find-log-source.ts';
import type { LineTaker } from './line-taker.ts';
import type { LogSink, LogsRequest } from './read-logs.ts';

export interface Following {
  readonly api: EngineApi;
  readonly containers: Containers;
  readonly source: LogSource;
  /** What was there when all that had been printed before was read. */
  readonly first: Awaited<ReturnType<LogSource['look']>>;
  readonly request: Pick<LogsRequest, 'since' | 'tail' | 'service'>;
  readonly sink: LogSink;
  readonly take: LineTaker;
}

/** How often it is looked for containers that came, and for how long an engine may be away: it is being restarted. */
const [lookMs, patienceMs] = [500, 60_000];

/**
 * What the containers print from now on, each for as long as it runs. A deployment, a restart or a crash ends some and
 * starts others: these are read from their beginning, or from where their log was left.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE when the engine stays away
 */
export async function followLogs(following: Following, signal: AbortSignal): Promise<void> {
  const { containers, source, first, sink } = following;
  const readers = openReaders(following, signal);
  const patience = beingPatient(sink);
  let { release } = first;
  while (!signal.aborted && readers.fault() === undefined) {
    try {
      const now = await source.look(containers);
      patience.answered();
      for (const it of now.found) readers.read(it);
      if (now.release !== release) {
        release = now.release;
        sink.note(release === undefined ? 'No release serves any more.' : `Release ${release} serves now.`);
      }
      if (release === undefined && now.found.length === 0) break;
    } catch (error) {
      patience.bear(error);
    }
    await sleep(lookMs, undefined, { signal }).catch(() => {});
  }
  await readers.ended();
}

/** Bears with an engine that is away, up to a point, and tells of it. */
function beingPatient(sink: LogSink) {
  let awaySince: number | undefined;
  return {
    answered() {
      if (awaySince !== undefined) sink.note('The Docker Engine answers again.');
      awaySince = undefined;
    },
    bear(error: unknown) {
      if (!(error instanceof LaunchError)) throw error;
      if (awaySince === undefined) sink.note(`${error.summary} It is asked again for a minute.`);
      awaySince ??= performance.now();
      if (performance.now() - awaySince > patienceMs) throw error;
    },
  };
}

/** Reads each container that prints, once at a time, and once more when it has ended: it may have run between two looks. */
function openReaders(following: Following, signal: AbortSignal) {
  const { found } = following.first;
  const known = new Set(found.map(({ id }) => id));
  const readToTheEnd = new Set(found.filter((it) => !isAlive(it)).map(({ id }) => id));
  const open = new Map<string, Promise<void>>();
  let fault: unknown;
  return {
    fault: () => fault,
    read(it: ListedContainer) {
      if (open.has(it.id) || (readToTheEnd.has(it.id) && !isAlive(it))) return;
      const isNew = !known.has(it.id);
      known.add(it.id);
      if (isAlive(it)) readToTheEnd.delete(it.id);
      else readToTheEnd.add(it.id);
      const reading = follow(following, it.id, isNew, signal)
        .catch((error: unknown) => {
          // An engine that goes away is noticed by the next look.
          if (!isCutOff(error)) fault ??= error;
        })
        .finally(() => open.delete(it.id));
      open.set(it.id, reading);
    },
    async ended() {
      await Promise.all(open.values());
      if (fault !== undefined) throw fault;
    },
  };
}

/** Whether it prints, or may before long. */
function isAlive({ state }: ListedContainer): boolean {
  return state === 'running' || state === 'restarting' || state === 'paused';
}

/** By its cause: the engine's own refusal has none. */
function isCutOff(error: unknown): boolean {
  return error instanceof LaunchError && error.code === 'ENGINE_UNAVAILABLE' && error.cause !== undefined;
}

async function follow(
  { api, containers, request, take }: Following,
  id: string,
  isNew: boolean,
  signal: AbortSignal,
): Promise<void> {
  const container: InspectedContainer | undefined = await containers.inspect(id);
  if (container === undefined) return;
  const position = take.positionOf(id);
  const start = isNew ? {} : { since: request.since, tail: request.tail === 0 ? 0 : undefined };
  const lines =
    position === undefined
      ? readLog(api, container, { ...start, follow: true }, signal)
      : readLogAfter(api, container, position, signal);
  for await (const line of lines) await take(container, line);
}
