export type LogStream = 'stdout' | 'stderr';

/** One line that a container printed. */
export interface LogLine {
  /** When the engine took it, as it writes that: RFC 3339 with nanoseconds; empty where it did not say. */
  readonly time: string;
  readonly stream: LogStream;
  /** Without its end; as it was printed, escapes included. */
  readonly text: string;
}

export interface LogReader {
  /** The lines that are whole by now. */
  take(chunk: Buffer): LogLine[];
  /** What was begun and has no line end. */
  rest(): LogLine[];
}

/** What never ends is shown in pieces of so many bytes. */
const longestLine = 1024 * 1024;

/**
 * Takes apart what the engine sends of a log with `timestamps=1`, in chunks of any size. It is in frames of an 8-byte
 * head and a piece of text; of a container with a terminal (`isPlain`) it is plain text.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export function logReader(isPlain: boolean): LogReader {
  const streams = { stdout: lineJoiner('stdout'), stderr: lineJoiner('stderr') };
  if (isPlain) {
    const { stdout } = streams;
    const parse = (lines: readonly LogLine[]) => lines.map(withoutTime);
    return { take: (chunk) => parse(stdout.whole(chunk)), rest: () => parse(stdout.rest()) };
  }
  const frames = frameReader();
  return {
    take: (chunk) => frames(chunk).flatMap(({ stream, bytes }) => streams[stream].framed(bytes)),
    rest: () => [...streams.stdout.rest(), ...streams.stderr.rest()],
  };
}

export interface Frame {
  readonly stream: LogStream;
  readonly bytes: Buffer;
}

/** Gives the frames that are whole; the beginning of one more is kept for the next chunk. */
export function frameReader(): (chunk: Buffer) => Frame[] {
  let waiting: Buffer[] = [];
  let held = 0;
  let needed = 8;
  return (chunk) => {
    waiting.push(chunk);
    held += chunk.length;
    // Joined only once there is a frame: a large one comes in many chunks.
    if (held < needed) return [];
    const all = Buffer.concat(waiting);
    const found: Frame[] = [];
    let at = 0;
    needed = 8;
    while (at + 8 <= all.length) {
      const end = at + 8 + all.readUInt32BE(at + 4);
      if (end > all.length) {
        needed = end - at;
        break;
      }
      found.push({ stream: all[at] === 2 ? 'stderr' : 'stdout', bytes: all.subarray(at + 8, end) });
      at = end;
    }
    waiting = [all.subarray(at)];
    held = all.length - at;
    return found;
  };
}

/** Whether a log begins with the head of a frame. */
export function isFramed(log: Buffer): boolean {
  return log.length >= 8 && (log[0] ?? 9) <= 2 && log.readUIntBE(1, 3) === 0;
}

const timestamp = /^(\d{4}-\d\d-\d\dT[\d:]{8}(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) /;

/** The engine hands a long line over in pieces of 16 KiB, each with a time of its own; only the last has a line end. */
function lineJoiner(stream: LogStream) {
  let begun: Buffer[] = [];
  let length = 0;
  let time = '';
  const finish = (): LogLine => {
    const text = Buffer.concat(begun)
      .toString()
      .replace(/\r?\n?$/, '');
    const line = { time, stream, text };
    begun = [];
    length = 0;
    time = '';
    return line;
  };
  const add = (piece: Buffer): LogLine[] => {
    begun.push(piece);
    length += piece.length;
    return piece.at(-1) === 0x0a || length > longestLine ? [finish()] : [];
  };
  const whole = (piece: Buffer) => eachLine(piece).flatMap(add);
  return {
    whole,
    framed(piece: Buffer) {
      const [all = '', said = ''] = timestamp.exec(piece.toString('latin1', 0, 40)) ?? [];
      if (length === 0) time = said;
      return whole(piece.subarray(all.length));
    },
    rest: (): LogLine[] => (length === 0 ? [] : [finish()]),
  };
}

function withoutTime(line: LogLine): LogLine {
  const [all = '', time = ''] = timestamp.exec(line.text) ?? [];
  return { ...line, time, text: line.text.slice(all.length) };
}

/** Each with its end; the last one may have none. */
function eachLine(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at);
    lines.push(bytes.subarray(at, end < 0 ? bytes.length : end + 1));
    at = end < 0 ? bytes.length : end + 1;
  }
  return lines;
}
