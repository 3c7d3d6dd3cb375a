import { spawn } from 'node:child_process';
import { traceCommand } from '../process/command-trace.ts';
import { endWithUs, ownGroup } from '../process/interruption.ts';
import type { GitPlace } from './command.ts';

export interface GitObject {
  /** Git's id, in hexadecimal. */
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
}

export interface CatFile {
  ask(names: readonly string[]): void;
  /** Resolves when the process is gone. */
  close(): Promise<void>;
}

export interface CatFileListener {
  /** Called for each name, in the order of the questions; undefined for what does not exist. */
  answered(object: GitObject | undefined): void;
  /** The process is gone; what was not answered will not be. */
  ended(reason: string): void;
}

type Mode = 'buffered' | 'plain';

/** Buffered answers come in fewer and larger pieces; git older than 2.36 does not know that mode. */
const modes = {
  buffered: {
    args: ['--batch-command', '--buffer'],
    lines: (names: readonly string[]) => `contents ${names.join('\ncontents ')}\nflush\n`,
  },
  plain: { args: ['--batch'], lines: (names: readonly string[]) => `${names.join('\n')}\n` },
} as const;

/** What git says, with this status, of an option that it does not know. */
const usageError = 129;

/** `git cat-file`, which answers questions for objects until it is closed. */
export function startCatFile(place: GitPlace, listener: CatFileListener): CatFile {
  const asked: string[] = [];
  let answers = 0;
  let closing = false;
  let gone: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    gone = resolve;
  });

  const start = (mode: Mode) => {
    traceCommand(['git', ...place.options, 'cat-file', ...modes[mode].args]);
    const child = spawn('git', [...place.options, 'cat-file', ...modes[mode].args], {
      cwd: place.cwd,
      env: place.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...ownGroup(),
    });
    child.once('exit', endWithUs(child.pid));
    let complaint = '';
    const take = answerTaker((object) => {
      answers += 1;
      listener.answered(object);
    });
    child.stdout.on('data', take);
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2000);
    });
    child.stdin.on('error', () => {});
    child.on('error', (error: NodeJS.ErrnoException) => {
      listener.ended(error.code === 'ENOENT' ? 'git is not installed' : error.message);
      gone();
    });
    child.on('close', (code, signal) => {
      if (code === usageError && mode === 'buffered' && answers === 0) {
        current = start('plain');
        if (asked.length > 0) current.ask(asked);
        if (closing) current.end();
        return;
      }
      listener.ended(complaint.trim() || `git cat-file ended with ${signal ?? `status ${code}`}`);
      gone();
    });
    return {
      ask: (names: readonly string[]) => void child.stdin.write(modes[mode].lines(names)),
      end: () => void child.stdin.end(),
    };
  };

  let current = start('buffered');
  return {
    ask(names) {
      // Only until git has shown that it understands.
      if (answers === 0) asked.push(...names);
      current.ask(names);
    },
    close() {
      closing = true;
      current.end();
      return closed;
    },
  };
}

/** Puts the pieces of an output together and takes whole answers from it. */
function answerTaker(answered: (object: GitObject | undefined) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let size = 0;
  // How much must have come before it is worth looking again: a large object comes in many pieces.
  let wanted = 1;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < wanted) return;
    const data = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    let at = 0;
    for (;;) {
      const answer = takeAnswer(data, at);
      if (answer.object === 'incomplete') {
        wanted = answer.end - at;
        break;
      }
      at = answer.end;
      answered(answer.object);
    }
    size = data.length - at;
    chunks = size === 0 ? [] : [data.subarray(at)];
  };
}

interface Answer {
  readonly object: GitObject | undefined | 'incomplete';
  /** Where the answer ends; of an incomplete one, how far the data has to reach at least. */
  readonly end: number;
}

const types = new Set(['blob', 'tree', 'commit', 'tag']);

/** `<id> <type> <size>\n<data>\n`, or `<name> missing\n` (a name may hold spaces) and the like. */
function takeAnswer(data: Buffer, at: number): Answer {
  const lineEnd = data.indexOf(0x0a, at);
  if (lineEnd < 0) return { object: 'incomplete', end: data.length + 1 };
  // No pattern and no list here: this is done a few thousand times, by code that was never compiled.
  const header = data.toString('latin1', at, lineEnd);
  const [afterId, afterType] = [header.indexOf(' '), header.lastIndexOf(' ')];
  const type = header.slice(afterId + 1, afterType);
  const size = Number(header.slice(afterType + 1));
  const start = lineEnd + 1;
  if (!types.has(type) || !Number.isInteger(size)) return { object: undefined, end: start };
  const end = start + size + 1;
  if (data.length < end) return { object: 'incomplete', end };
  const object = { id: header.slice(0, afterId), type, data: data.subarray(start, end - 1) };
  return { object, end };
}
