import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { type GitObject, startCatFile } from './cat-file.ts';
import type { GitPlace } from './command.ts';

/** Reads objects of a repository, many at a time, through one long-lived git process. */
export interface ObjectReader {
  /** The object that `name` means (an id or a revision), or undefined when there is none. */
  read(name: string): Promise<GitObject | undefined>;
  /** The same for many names at once, in their order. */
  readAll(names: readonly string[]): Promise<readonly (GitObject | undefined)[]>;
  /** Ends the process; what was asked for before is still answered. */
  close(): Promise<void>;
}

/** Names that were asked for together, and are told together: a thousand promises cost more than git's answers. */
interface Batch {
  readonly count: number;
  readonly objects: (GitObject | undefined)[];
  readonly resolve: (objects: readonly (GitObject | undefined)[]) => void;
  readonly reject: (error: Error) => void;
}

export function objectReader(place: GitPlace): ObjectReader {
  const batches: Batch[] = [];
  let failure: LaunchError | undefined;
  const fail = (reason: string) => {
    failure ??= unreadable(place.cwd, reason);
    for (const batch of batches.splice(0)) batch.reject(failure);
  };
  const child = startCatFile(place, {
    answered(object) {
      const batch = batches[0];
      if (batch === undefined) return;
      batch.objects.push(object);
      if (batch.objects.length < batch.count) return;
      batches.shift();
      batch.resolve(batch.objects);
    },
    ended: fail,
  });

  const readAll = (names: readonly string[]): Promise<readonly (GitObject | undefined)[]> => {
    if (failure !== undefined) return Promise.reject(failure);
    if (names.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      batches.push({ count: names.length, objects: [], resolve, reject });
      child.ask(names.map(asQuestion));
    });
  };
  return {
    readAll,
    read: (name) => readAll([name]).then(([object]) => object),
    close: () => child.close(),
  };
}

/** A question is a line: a name from outside must not become two. What is no name has the answer "missing". */
function asQuestion(name: string): string {
  return name === '' || /[\n\r\0]/.test(name) ? '?' : name;
}

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
