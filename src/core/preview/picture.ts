import { counted } from '../counted.ts';
import { codeBlock } from '../markdown.ts';
import { type Preview, plannedBefore, wavesOf } from './preview.ts';

/** A picture of more boxes than this nobody can read. */
const mostNodes = 50;

/** The waves as a Mermaid flowchart, in a fence; undefined where there is no order to show. */
export function picture(
  preview: Pick<Preview, 'plan' | 'dependencies'>,
): { readonly markdown: string; readonly isWhole: boolean } | undefined {
  const waves = wavesOf(preview.plan);
  if (waves.length < 2) return undefined;
  const count = waves.reduce((sum, names) => sum + names.length, 0);
  const isWhole = count <= mostNodes;
  const lines = isWhole ? drawServices(preview, waves) : drawCounts(preview, waves);
  return { markdown: codeBlock(['flowchart LR', ...lines], 'mermaid'), isWhole };
}

/** A box for each service. Ids are made here: no name of somebody else's is part of the syntax. */
function drawServices(preview: Pick<Preview, 'plan' | 'dependencies'>, waves: readonly string[][]): string[] {
  const ids = new Map(waves.flat().map((name, index) => [name, `s${index}`]));
  const targets = Map.groupBy(preview.plan.entries, ({ service }) => service);
  const before = plannedBefore(preview);
  const boxes = waves.flatMap((names, index) => [
    `  subgraph w${index + 1}["Wave ${index + 1}"]`,
    ...names.map((name) => {
      const where = (targets.get(name) ?? []).map(({ target }) => target.name);
      const shown = where.length > 3 ? [...where.slice(0, 3), `${where.length - 3} more`] : where;
      return `    ${ids.get(name)}["${label(name)}<br/>${label(shown.join(', '))}"]`;
    }),
    '  end',
  ]);
  const edges = [...before].flatMap(([name, others]) =>
    others.map((other) => `  ${ids.get(other)} --> ${ids.get(name)}`),
  );
  return [...boxes, ...edges];
}

function drawCounts({ plan }: Pick<Preview, 'plan'>, waves: readonly string[][]): string[] {
  return waves.flatMap((names, index) => {
    const wave = index + 1;
    const targets = new Set(
      plan.entries.filter((entry) => entry.wave === wave).map(({ target }) => target.name),
    );
    const text = `Wave ${wave}<br/>${counted(names.length, 'service')}<br/>${counted(targets.size, 'target')}`;
    return [`  w${wave}["${text}"]`, ...(index === 0 ? [] : [`  w${index} --> w${wave}`])];
  });
}

/** A text that Mermaid shows as it is: all but a few harmless characters are written as their numbers. */
function label(text: string): string {
  return text.replace(/[^A-Za-z0-9 ,._-]/gu, (c) => `#${c.codePointAt(0)};`);
}
