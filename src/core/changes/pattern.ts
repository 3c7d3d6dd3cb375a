import picomatch from 'picomatch';
import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import { joinPath } from '../project/view.ts';

/** A glob of the configuration, worked out to where in the repository it applies. */
export interface PathPattern {
  /** As a person wrote it. */
  readonly text: string;
  /** The deepest path that everything the pattern can match is at or below; '' is the top. */
  readonly start: string;
  /** True when it means everything at and below `start`, so that one object id stands for all of it. */
  readonly whole: boolean;
  /** Whether a path, relative to the top of the repository, is meant. */
  matches(path: string): boolean;
}

/** `dot`: a hidden file is content like any other. `s`: a name may hold a newline. `nonegate`: see below. */
const options = { dot: true, flags: 's', nonegate: true } as const;

/**
 * `glob` as it is meant in a file of `folder`: relative to it, `..` leads up. A path without wildcards means
 * that file, or that folder with everything in it.
 *
 * @throws LaunchError CONFIG_INVALID when it leaves the repository, or starts with `!`: taken as a negation
 *   it would mean nearly everything, which nobody wants to find out from a deployment that did not happen.
 */
export function compilePattern(glob: string, folder: string, place: Place): PathPattern {
  if (glob.startsWith('!')) {
    throw new LaunchError('CONFIG_INVALID', `The pattern "${printable(glob)}" starts with "!".`, {
      place,
      remedy: 'Patterns only name files; write the ones that are meant.',
    });
  }
  const { up, rest } = splitUp(glob);
  const above = folder === '' ? [] : folder.split('/');
  if (up > above.length) {
    throw new LaunchError('CONFIG_INVALID', `The pattern "${printable(glob)}" leaves the repository.`, {
      place,
      remedy: 'Name files inside the repository.',
    });
  }
  // Only what the person wrote is a glob; the folder it is relative to is taken literally.
  const prefix = above.slice(0, above.length - up).join('/');
  const base = rest.includes('\\') ? { base: '', glob: rest } : picomatch.scan(rest);
  const start = joinPath(prefix, base.glob === '' ? rest : base.base);
  const whole = base.glob === '' || base.glob === '**';
  if (whole) return { text: glob, start, whole, matches: (path) => isAtOrBelow(path, start) };
  const isMatch = picomatch(rest, options);
  return {
    text: glob,
    start,
    whole,
    matches: (path) =>
      prefix === '' ? isMatch(path) : path.startsWith(`${prefix}/`) && isMatch(path.slice(prefix.length + 1)),
  };
}

export function isAtOrBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** How many folders a glob leads up, and what is left of it without `.`, `..` and empty parts. */
function splitUp(glob: string): { up: number; rest: string } {
  const parts: string[] = [];
  let up = 0;
  for (const part of glob.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) up += 1;
  }
  return { up, rest: parts.join('/') };
}
