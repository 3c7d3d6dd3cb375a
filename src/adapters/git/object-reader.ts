import { spawn } from 'node:child_process';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { GitPlace } from './command.ts';

export interface GitObject {
  /** Git's id, in hexadecimal. */
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
}

/** Reads objects of a repository, many at a time, through one long-lived git process. */
export interface ObjectReader {
  /** The object that `name` means (an id or a revision), or undefined when there is none. */
  read(name: string): Promise<GitObject | undefined>;
  /** Ends the process; what was asked for before is still answered. */
  close(): Promise<void>;
}

interface Request {
  readonly resolve: (object: GitObject | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** What of the process's output has come, until whole answers can be taken from it. */
interface Pending {
  chunks: Buffer[];
  size: number;
  /** How much must have come before it is worth looking again. */
  wanted: number;
}

export function objectReader(place: GitPlace): ObjectReader {
  const child = spawn('git', [...place.options, 'cat-file', '--batch-command', '--buffer'], {
    cwd: place.cwd,
    env: place.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const requests: Request[] = [];
  // A growing list whose head moves: taking from the front of an array of thousands would copy it.
  let answered = 0;
  let failure: LaunchError | undefined;
  let complaint = '';
  let questions = '';
  const pending: Pending = { chunks: [], size: 0, wanted: 1 };

  const fail = (reason: string) => {
    failure ??= unreadable(place.cwd, reason);
    for (const request of requests.slice(answered)) request.reject(failure);
    answered = requests.length;
  };

  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  child.stdin.on('error', () => {});
  child.on('error', (error: NodeJS.ErrnoException) =>
    fail(error.code === 'ENOENT' ? 'git is not installed' : error.message),
  );
  const closed = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      fail(complaint.trim() || `git cat-file ended with ${signal ?? `status ${code}`}`);
      resolve();
    });
    child.on('error', () => resolve());
  });
  child.stdout.on('data', (chunk: Buffer) => {
    pending.chunks.push(chunk);
    pending.size += chunk.length;
    if (pending.size < pending.wanted) return;
    const data = pending.chunks.length === 1 ? chunk : Buffer.concat(pending.chunks);
    let at = 0;
    for (;;) {
      const answer = takeAnswer(data, at);
      if (answer.object === 'incomplete') {
        pending.wanted = answer.end - at;
        break;
      }
      at = answer.end;
      requests[answered++]?.resolve(answer.object);
    }
    pending.size = data.length - at;
    pending.chunks = pending.size === 0 ? [] : [data.subarray(at)];
  });

  // Everything asked for in one turn of the event loop goes out in one write.
  const send = () => {
    child.stdin.write(`${questions}flush\n`);
    questions = '';
  };

  return {
    read(name) {
      if (failure !== undefined) return Promise.reject(failure);
      // A question is a line; and a name from outside must not become another question.
      if (name === '' || /[\n\r\0]/.test(name)) return Promise.resolve(undefined);
      return new Promise((resolve, reject) => {
        requests.push({ resolve, reject });
        if (questions === '') setImmediate(send);
        questions += `contents ${name}\n`;
      });
    },
    async close() {
      if (questions !== '') send();
      child.stdin.end();
      await closed;
    },
  };
}

interface Answer {
  readonly object: GitObject | undefined | 'incomplete';
  /** Where the answer ends; of an incomplete one, how far the data has to reach at least. */
  readonly end: number;
}

/** `<id> <type> <size>\n<data>\n`, or `<name> missing\n` (a name may hold spaces) and the like. */
function takeAnswer(data: Buffer, at: number): Answer {
  const lineEnd = data.indexOf(0x0a, at);
  if (lineEnd < 0) return { object: 'incomplete', end: data.length + 1 };
  const [id = '', type = '', size = '', ...more] = data.toString('latin1', at, lineEnd).split(' ');
  const start = lineEnd + 1;
  if (more.length > 0 || !/^\d+$/.test(size) || !types.has(type)) return { object: undefined, end: start };
  const end = start + Number(size) + 1;
  if (data.length < end) return { object: 'incomplete', end };
  return { object: { id, type, data: data.subarray(start, end - 1) }, end };
}

const types = new Set(['blob', 'tree', 'commit', 'tag']);

function unreadable(top: string, reason: string): LaunchError {
  const foreign = /dubious ownership/.test(reason);
  return new LaunchError(
    'BASE_UNAVAILABLE',
    `The repository at ${printable(top)} can't be read: ${printable(reason.split('\n')[0] ?? '')}.`,
    {
      remedy: foreign
        ? "Its folder belongs to another user; run as that user, or add it to git's safe.directory."
        : 'Check that git is installed and the checkout is whole.',
    },
  );
}
