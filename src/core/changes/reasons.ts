import { printable } from '../names.ts';
import type { Differences } from './differences.ts';

/** Why a service counts as changed; `text` is a clause that a person reads. */
export type Reason =
  | ({ readonly kind: 'files' } & FileReason)
  | ({ readonly kind: 'input' | 'shared'; readonly pattern: string } & FileReason)
  | {
      readonly kind: 'new' | 'moved' | 'settings' | 'requested' | 'everything';
      readonly text: string;
    }
  /** Differs from what an earlier run, which did not end well, may have deployed. */
  | { readonly kind: 'retry'; readonly text: string; readonly commit: string };

interface FileReason {
  readonly text: string;
  /** The first of them. */
  readonly files: readonly string[];
  /** How many there are; a lower bound with `more`. */
  readonly count: number;
  readonly more?: true;
}

/** How many files a reason lists, and how many are counted at most. */
export const listedFiles = 20;
export const countedFiles = 100;

export function filesReason(differences: Differences): Reason {
  return { kind: 'files', text: filesText(differences), ...fileList(differences) };
}

/** For the many services of a large change, whose files are not looked for. */
export const unlistedReason: Reason = {
  kind: 'files',
  text: 'its files changed',
  files: [],
  count: 1,
  more: true,
};

export function patternReason(kind: 'input' | 'shared', pattern: string, differences: Differences): Reason {
  const source = kind === 'input' ? 'its input' : 'the shared path';
  return {
    kind,
    pattern,
    text: `${source} ${printable(pattern)}: ${filesText(differences)}`,
    ...fileList(differences),
  };
}

export function retryReason(commit: string, reasons: readonly Reason[]): Reason {
  const texts = reasons.map((reason) => reason.text).join('; ');
  return {
    kind: 'retry',
    commit,
    text: `a run at ${commit.slice(0, 12)} did not succeed, and since then: ${texts}`,
  };
}

function fileList({ found, more }: Differences) {
  return {
    files: found.slice(0, listedFiles).map(({ path }) => path),
    count: found.length,
    ...(more ? ({ more: true } as const) : {}),
  };
}

function filesText({ found, more }: Differences): string {
  const [first] = found;
  if (first !== undefined && found.length === 1 && !more)
    return `${printable(first.path, 120)} ${first.change}`;
  return `${more ? `over ${found.length}` : found.length} files, first ${printable(first?.path ?? '', 120)}`;
}

/** The reasons with shorter lists of files, until their JSON fits; outputs of a job are limited to 1 MB. */
export function fitReasons<T extends Readonly<Record<string, readonly Reason[]>>>(
  reasons: T,
  limit: number,
): T | Record<string, Reason[]> {
  for (const files of [listedFiles, 5, 1, 0]) {
    const shorter = files === listedFiles ? reasons : shorten(reasons, files);
    if (JSON.stringify(shorter).length <= limit) return shorter;
  }
  return Object.fromEntries(
    Object.entries(reasons).map(([name, [first]]) => [name, first === undefined ? [] : [bare(first)]]),
  );
}

function shorten(
  reasons: Readonly<Record<string, readonly Reason[]>>,
  files: number,
): Record<string, Reason[]> {
  return Object.fromEntries(
    Object.entries(reasons).map(([name, list]) => [
      name,
      list.map((reason) => ('files' in reason ? { ...reason, files: reason.files.slice(0, files) } : reason)),
    ]),
  );
}

function bare(reason: Reason): Reason {
  return 'files' in reason ? { ...reason, text: reason.kind, files: [] } : { ...reason, text: reason.kind };
}
