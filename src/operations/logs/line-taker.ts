import type { InspectedContainer } from '../../adapters/engine/containers.ts';
import { type LogPosition, positionAfter } from '../../adapters/engine/logs.ts';
import type { LogLine } from '../../core/logs/log-reader.ts';
import { nameOf } from '../deploy/compose/project-containers.ts';
import type { LogSink } from './read-logs.ts';

/** Hands lines on, and remembers how far the log of each container has been read. */
export interface LineTaker {
  (from: InspectedContainer, line: LogLine): Promise<void>;
  /** Undefined when nothing of it has been read. */
  positionOf(id: string): LogPosition | undefined;
}

export function lineTaker(sink: LogSink): LineTaker {
  const positions = new Map<string, LogPosition>();
  const take = async (from: InspectedContainer, line: LogLine) => {
    positions.set(from.Id, positionAfter(positions.get(from.Id), line));
    await sink.line({ ...line, container: nameOf(from) });
  };
  return Object.assign(take, { positionOf: (id: string) => positions.get(id) });
}
