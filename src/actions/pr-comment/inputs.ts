import { markerOf, withMarker } from '../../core/comment/marked-comment.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

export interface CommentInputs {
  readonly token: string | undefined;
  readonly marker: string;
  /** With its marker; undefined when there is nothing to say. */
  readonly text: string | undefined;
  readonly author: string;
  readonly create: boolean;
}

/** The token comes first: from then on the runner hides it, whatever else goes wrong. */
export function readInputs(): CommentInputs {
  const token = inputs.text('token');
  if (token !== undefined) mask([token]);
  const marker = markerOf(inputs.text('key') ?? 'plan');
  const body = inputs.raw('body');
  return {
    token,
    marker,
    text: body === undefined ? undefined : withMarker(marker, body),
    author: inputs.text('author') ?? 'github-actions[bot]',
    create: inputs.boolean('create', true),
  };
}
