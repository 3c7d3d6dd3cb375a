import { link, plain } from '../markdown.ts';

/** What became of a comment. */
export type CommentResult =
  | { readonly status: 'created' | 'updated' | 'unchanged'; readonly url: string }
  /** It is not to be written now. */
  | { readonly status: 'skipped'; readonly why: string }
  /** It could not be written. */
  | { readonly status: 'failed'; readonly why: string };

/** For the job summary. */
export function commentSummary(result: CommentResult): string {
  switch (result.status) {
    case 'created':
    case 'updated':
    case 'unchanged':
      return `Comment on the pull request: ${link(result.status, result.url)}.\n`;
    case 'skipped':
      return `Comment on the pull request: left as it is. ${plain(result.why)}\n`;
    case 'failed':
      return `Comment on the pull request: **not written.** ${plain(result.why)}\n`;
  }
}
