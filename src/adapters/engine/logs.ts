import { LaunchError } from '../../core/errors.ts';
import { type LogLine, logReader } from '../../core/logs/log-reader.ts';
import { engineTime } from '../../core/logs/since.ts';
import { printable } from '../../core/names.ts';
import type { EngineApi } from './api.ts';
import type { InspectedContainer } from './containers.ts';

export interface LogRequest {
  /** So many of the last lines; undefined: all. */
  readonly tail?: number | undefined;
  /** Seconds since 1970, as the engine takes them. */
  readonly since?: string | undefined;
  /** Goes on until the container ends. */
  readonly follow: boolean;
}

/** How far a log has been read: the time of the last line, and how many lines have that time. */
export interface LogPosition {
  readonly time: string;
  readonly lines: number;
}

/**
 * The lines of a container's log, in its order; none of one that is gone.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE, also when the engine ends in the middle, or keeps no log of it
 */
export async function* readLog(
  api: EngineApi,
  container: InspectedContainer,
  { tail, since, follow }: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const query = {
    stdout: '1',
    stderr: '1',
    timestamps: '1',
    follow: follow ? '1' : '0',
    tail: tail === undefined ? 'all' : String(tail),
    ...(since === undefined ? {} : { since }),
  };
  const { status, body } = await api.stream(`/containers/${container.Id}/logs`, query, signal);
  if (status !== 200) return await refuse(status, body, container);
  const reader = logReader(container.Config['Tty'] === true);
  for await (const chunk of body) yield* reader.take(chunk);
  yield* reader.rest();
}

async function refuse(status: number, body: AsyncIterable<Buffer>, { Name }: InspectedContainer) {
  const said: Buffer[] = [];
  for await (const chunk of body) said.push(chunk);
  // 404: it is gone; 409: it is going.
  if (status === 404 || status === 409) return;
  const words = printable(Buffer.concat(said).toString(), 300);
  throw new LaunchError(
    'ENGINE_UNAVAILABLE',
    `The Docker Engine does not show the log of ${printable(Name.slice(1))}: ${words}`,
    { remedy: 'Some logging drivers (`docker info`) keep none here: look where its driver sends it.' },
  );
}

/** What comes after a position, without the lines that were read already. */
export async function* readLogAfter(
  api: EngineApi,
  container: InspectedContainer,
  after: LogPosition,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  let known = after.lines;
  const request = { since: engineTime(after.time), follow: true };
  for await (const line of readLog(api, container, request, signal)) {
    if (line.time === after.time && known > 0) known -= 1;
    else yield line;
  }
}

export function positionAfter(before: LogPosition | undefined, { time }: LogLine): LogPosition {
  return { time, lines: before?.time === time ? before.lines + 1 : 1 };
}
