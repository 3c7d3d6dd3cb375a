import { once } from 'node:events';

/** Prints lines without an end. */
export interface LinePrinter {
  /** Settles when there is room for the next: what reads them may be slower than what writes them. */
  print(line: string): Promise<void>;
  /** Aborted when nobody reads any more (`| head`). */
  readonly closed: AbortSignal;
}

export function linePrinter(stream: NodeJS.WriteStream): LinePrinter {
  const controller = new AbortController();
  const { signal } = controller;
  stream.on('error', () => controller.abort());
  stream.on('close', () => controller.abort());
  return {
    closed: signal,
    async print(line) {
      if (signal.aborted || stream.write(`${line}\n`)) return;
      await once(stream, 'drain', { signal }).catch(() => {});
    },
  };
}
