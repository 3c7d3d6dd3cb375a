import { counted } from '../counted.ts';
import { code, codeBlock, plain, shortened } from '../markdown.ts';
import type { ComposeChange } from './compose-changes.ts';
import type { Preview } from './preview.ts';
import { type Detail, sections, unfolding } from './sections.ts';

export interface Medium {
  /** In bytes of UTF-8. */
  readonly limit: number;
  /** Of one diff. */
  readonly diffLines: number;
  readonly findings: number;
  /** The first line, when there has to be one. */
  readonly marker?: string;
  /** Where all of it is, as Markdown after "See". */
  readonly elsewhere: string;
}

/** GitHub takes 1 MiB from a step, and refuses more as a whole. */
export const summaryMedium: Medium = {
  limit: 1024 * 1024 - 8192,
  diffLines: 600,
  findings: 600,
  elsewhere: 'the log and the outputs of this step',
};

/** GitHub takes 65,536 characters; what hands it on is one variable of an environment, and those are shorter. */
export const commentMedium: Medium = {
  limit: 60_000,
  diffLines: 200,
  findings: 60,
  marker: '<!-- launch:plan -->',
  elsewhere: 'the summary of the run',
};

/**
 * The preview as Markdown that is never longer than the medium takes: first diffs give way, then lists of files, then
 * reasons, then rows. Parts are left out as a whole and said to be; nothing is cut in the middle.
 */
export function fitMarkdown(preview: Preview, medium: Medium): string {
  for (const detail of details(medium)) {
    const { blocks, left } = sections(preview, detail);
    const start = [...(medium.marker === undefined ? [] : [medium.marker]), ...blocks];
    // Room for the sentence at the end.
    const free = medium.limit - bytesOf(start) - 700;
    if (free < 0) continue;
    const diffs = composeBlocks(preview, medium, free);
    const gone = [...diffs.left, ...left];
    const last =
      gone.length === 0
        ? []
        : [`_Left out here for its length: ${gone.join(', ')}. See ${medium.elsewhere}._`];
    return `${[...start, ...diffs.blocks, ...last].join('\n\n')}\n`;
  }
  return `${[...(medium.marker === undefined ? [] : [medium.marker]), `The plan is too long to be shown here. See ${medium.elsewhere}.`].join('\n\n')}\n`;
}

function* details({ findings }: Medium): Generator<Detail> {
  const all = Number.POSITIVE_INFINITY;
  yield { rows: all, why: 'full', files: true, findings };
  yield { rows: all, why: 'full', files: false, findings };
  yield { rows: all, why: 'short', files: false, findings };
  yield { rows: all, why: 'none', files: false, findings };
  for (const rows of [1000, 500, 400, 300, 200, 100, 50, 20, 0]) {
    yield {
      rows,
      why: rows > 200 ? 'none' : 'short',
      files: false,
      findings: Math.min(findings, Math.max(6, rows)),
    };
  }
}

/** Parts that stand there one below the other. */
const mostOpen = 8;

interface Blocks {
  readonly blocks: readonly string[];
  readonly left: readonly string[];
}

/** As many of the differences as there is room for, each with as many lines as there is room for. */
function composeBlocks({ compose }: Preview, medium: Medium, free: number): Blocks {
  const blocks: string[] = [];
  const left: string[] = [];
  let room = free;
  let hidden = 0;
  let cut = 0;
  for (const change of compose.changes.filter(({ diff }) => diff !== '')) {
    const block = diffBlock(change, medium.diffLines, room - 2);
    if (block === undefined) {
      hidden += 1;
      continue;
    }
    if (block.isCut) cut += 1;
    room -= bytesOf([block.markdown]);
    blocks.push(block.markdown);
  }
  const { uncompared, unread } = compose;
  if (hidden > 0) left.push(counted(hidden, 'difference of configuration', 'differences of configuration'));
  if (cut > 0) left.push(`the end of ${counted(cut, 'difference')}`);
  if (uncompared > 0) left.push(`${counted(uncompared, 'service')} whose configuration was not compared`);
  const notes = unread
    .slice(0, 5)
    .map(
      ({ service, why }) =>
        `The configuration of ${code(service)} was not compared: ${plain(shortened(why, 200))}.`,
    );
  const rest = unread.length - notes.length;
  if (rest > 0) notes.push(`Nor was that of ${counted(rest, 'other service', 'other services')}.`);
  // A list of parts to unfold that is longer than a screen is one itself.
  const shown =
    blocks.length > mostOpen
      ? [unfolding(`${blocks.length} differences of configuration`, blocks.join('\n\n'))]
      : blocks;
  return { blocks: bytesOf(notes) < room ? [...shown, ...notes] : shown, left };
}

/** Undefined where there is no room for anything worth a look. */
function diffBlock(
  { service, targets, isNew, diff }: ComposeChange,
  mostLines: number,
  room: number,
): { readonly markdown: string; readonly isCut: boolean } | undefined {
  const lines = diff.split('\n');
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  const what = isNew ? 'new' : `+${count('+')} −${count('-')}`;
  const shownTargets = `${targets.slice(0, 5).map(code).join(', ')}${targets.length > 5 ? ` and ${targets.length - 5} more` : ''}`;
  const title = `Configuration of ${code(service)} on ${shownTargets} (${what})`;
  const draw = (some: readonly string[]) =>
    unfolding(
      title,
      codeBlock(
        some.map((line) => shortened(line, 1000)),
        'diff',
      ),
    );
  let some = lines.slice(0, mostLines);
  while (bytesOf([draw(some)]) > room) {
    if (some.length <= 10) return undefined;
    some = some.slice(0, Math.floor(some.length * 0.7));
  }
  return { markdown: draw(some), isCut: some.length < lines.length };
}

/** With the empty lines between them. */
function bytesOf(blocks: readonly string[]): number {
  return blocks.reduce((sum, block) => sum + Buffer.byteLength(block) + 2, 0);
}
