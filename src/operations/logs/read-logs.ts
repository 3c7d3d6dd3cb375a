import { openEngine } from '../../adapters/engine/api.ts';
import { type Containers, containersOf, type InspectedContainer } from '../../adapters/engine/containers.ts';
import { findEndpoint } from '../../adapters/engine/endpoint.ts';
import { readLog } from '../../adapters/engine/logs.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { LaunchError } from '../../core/errors.ts';
import type { LogLine } from '../../core/logs/log-reader.ts';
import { mergeByTime } from '../../core/logs/merge-by-time.ts';
import { printable } from '../../core/names.ts';
import type { StateQuestion } from '../find-service-state.ts';
import { findLogSource, type LogSource } from './find-log-source.ts';
import { followLogs } from './follow-logs.ts';
import { lineTaker } from './line-taker.ts';

export interface LogsRequest extends StateQuestion {
  /** So many of the last lines of each container; undefined: all. */
  readonly tail: number | undefined;
  /** Seconds since 1970, as the engine takes them. */
  readonly since: string | undefined;
  /** Go on with what comes, also after a deployment that puts other containers in place of these. */
  readonly follow: boolean;
  /** Only the containers that are called so, or those of a compose service. */
  readonly container: string | undefined;
}

export interface ContainerLine extends LogLine {
  readonly container: string;
}

/** Where the lines go. */
export interface LogSink {
  /** Settles when there is room for the next. */
  line(line: ContainerLine): Promise<void>;
  /** What happens to the service meanwhile. */
  note(text: string): void;
}

/**
 * What the containers of the release that serves have printed, in the order of time; with `follow` also what they
 * print from now on, until `signal` is aborted or the service is taken down.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, CONFIG_INVALID, ENGINE_UNAVAILABLE
 */
export async function readLogs(request: LogsRequest, sink: LogSink, signal: AbortSignal): Promise<void> {
  const source = await findLogSource(request, request.container);
  const api = openEngine(await findEndpoint(hostPart(request.hostEnv)));
  const containers = containersOf(api);
  const take = lineTaker(sink);
  try {
    const first = await source.look(containers);
    if (first.found.length === 0 && !request.follow) throw await nothingThere(source, containers, request);
    const there = await Promise.all(first.found.map(async ({ id }) => await containers.inspect(id)));
    const asked = { tail: request.tail, since: request.since, follow: false };
    const logs = there
      .filter((it) => it !== undefined)
      .map((it) => linesOf(it, readLog(api, it, asked, signal)));
    for await (const { from, line } of mergeByTime(logs)) await take(from, line);
    if (request.follow) await followLogs({ api, containers, source, first, request, sink, take }, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    api.close();
  }
}

async function* linesOf(from: InspectedContainer, lines: AsyncIterable<LogLine>) {
  for await (const line of lines) yield { from, line, time: line.time };
}

async function nothingThere(source: LogSource, containers: Containers, request: LogsRequest) {
  const names = (await source.all(containers)).map(({ name }) => printable(name, 100));
  const service = printable(request.service, 80);
  if (request.container === undefined || names.length === 0) {
    return new LaunchError('SERVICE_NOT_FOUND', `No container of "${service}" is there.`, {
      remedy: 'Look at `launch status`; deploy it again, or go back to a release.',
    });
  }
  return new LaunchError(
    'CONFIG_INVALID',
    `"${service}" has no container "${printable(request.container, 80)}".`,
    { remedy: `It has: ${names.join(', ')}.` },
  );
}
