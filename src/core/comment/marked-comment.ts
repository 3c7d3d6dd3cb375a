import { LaunchError } from '../errors.ts';
import { isName, printable } from '../names.ts';

/** A comment on a pull request. */
export interface Comment {
  readonly id: number;
  readonly body: string;
  /** The login of who wrote it; undefined when that account is gone. */
  readonly author: string | undefined;
  /** Where a browser shows it. */
  readonly url: string;
}

/** What a pull request has of the comment that is kept up to date. */
export interface Standing {
  /** The oldest, which is the one to keep. */
  readonly kept: Comment | undefined;
  /** Later ones, of runs that were at it at the same time. */
  readonly extra: readonly Comment[];
}

/**
 * The first line of a comment that is Launch's; nobody sees it.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function markerOf(key: string): string {
  if (isName(key)) return `<!-- launch:${key} -->`;
  throw new LaunchError('CONFIG_INVALID', `The input \`key\` is "${printable(key, 80)}".`, {
    remedy:
      'It takes 1 to 63 characters: lower-case letters, digits and hyphens, starting with a letter or digit.',
  });
}

/** The text with its marker as the first line, once; without white space at its end. */
export function withMarker(marker: string, body: string): string {
  const text = body.trimEnd();
  return firstLine(text) === marker ? text : `${marker}\n${text}`;
}

/** Which comments are this one: by their first line and by who wrote them, since anybody can write the line. */
export function standingOf(comments: readonly Comment[], marker: string, author: string): Standing {
  const [kept, ...extra] = comments
    .filter(({ body }) => firstLine(body) === marker)
    .filter((it) => it.author !== undefined && isSameLogin(it.author, author))
    // Ids count upwards.
    .sort((a, b) => a.id - b.id);
  return { kept, extra };
}

/** GitHub takes no account of case in logins. */
export function isSameLogin(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function firstLine(text: string): string {
  return /^[^\r\n]*/.exec(text)?.[0].trimEnd() ?? '';
}
