// The other end of fixture.sh: programs that the test answers for.
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tcpServer } from '../local-server.ts';

export interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin: string;
}
/** What a program prints, and its exit status. */
export interface Answer {
  readonly status?: number;
  readonly output?: string;
}
export type Answers = (call: Call) => Answer | Promise<Answer>;

/**
 * Programs of these names in `folder`.
 * @returns the environment in which they find the test
 */
export async function installFixtures(
  folder: string,
  names: readonly string[],
  answers: Answers,
): Promise<Record<string, string>> {
  const { port } = await tcpServer((socket) => {
    let received = '';
    socket.setEncoding('utf8').on('data', async (chunk: string) => {
      received += chunk;
      const [count, name = '', ...rest] = received.split('\0');
      // The arguments, the input, and what stands behind the last of them.
      if (rest.length < Number(count) + 2) return;
      const { status = 0, output = '' } = await answers({
        name,
        args: rest.slice(0, Number(count)),
        stdin: rest[Number(count)] ?? '',
      });
      socket.end(`${status}\n${output}`);
    });
  });
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    copyFileSync(join(import.meta.dirname, 'fixture.sh'), join(folder, name));
    chmodSync(join(folder, name), 0o755);
  }
  return { FIXTURE_PORT: String(port) };
}
