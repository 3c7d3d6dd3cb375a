import type { Readable } from 'node:stream';

/** Messages with their length before them; undefined once there are no more. */
export function messages(stream: Readable): { next(): Promise<Buffer | undefined> } {
  const chunks = stream[Symbol.asyncIterator]();
  let buffered = Buffer.alloc(0);
  const fill = async (size: number): Promise<boolean> => {
    while (buffered.length < size) {
      const { done, value } = await chunks.next().catch(() => ({ done: true, value: undefined }));
      if (done === true) return false;
      buffered = Buffer.concat([buffered, Buffer.from(value)]);
    }
    return true;
  };
  return {
    async next() {
      if (!(await fill(4))) return undefined;
      const size = buffered.readUInt32BE(0);
      if (!(await fill(4 + size))) return undefined;
      const message = buffered.subarray(4, 4 + size);
      buffered = buffered.subarray(4 + size);
      return message;
    },
  };
}
