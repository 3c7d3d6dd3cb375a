import { basename } from 'node:path/posix';
import { diffTexts } from '../../adapters/git/diff-texts.ts';
import type { Difference } from '../../core/changes/differences.ts';
import type { FileDiff } from '../../core/diff/service-diff.ts';
import { isCredentialName } from '../../core/preview/credential-name.ts';
import { hideSecrets } from '../../core/preview/hide-secrets.ts';
import type { RepositoryView } from '../../core/project/view.ts';

/** Nobody reads longer ones, and hiding takes its time. */
const [longest, mostCompared] = [256 * 1024, 100];

/** How files differ, without what looks like a credential in them. `movedFrom` gives the place of a file before. */
export async function fileDiffs(
  older: RepositoryView,
  newer: RepositoryView,
  differences: readonly Difference[],
  movedFrom: (path: string) => string,
): Promise<FileDiff[]> {
  const read = await Promise.all(
    differences.map(async ({ path, change }, index) => {
      const [before, after] = await Promise.all([
        change === 'added' ? undefined : older.read(movedFrom(path)),
        change === 'deleted' ? undefined : newer.read(path),
      ]);
      const note = index < mostCompared ? noteOn(path, [before, after]) : 'not compared';
      if (note !== '') return { note, pair: { before: '', after: '' } };
      const hidden = hideSecrets({ text: textOf(before) }, { text: textOf(after) });
      const pair = { before: String(hidden.before?.['text']), after: String(hidden.after?.['text']) };
      return { note: pair.before === pair.after ? 'only what is hidden, or its mode' : '', pair };
    }),
  );
  const diffs = await diffTexts(read.map(({ pair }) => pair));
  return differences.map((difference, index) => {
    const { note = '' } = read[index] ?? {};
    const diff = diffs?.[index] ?? '';
    const lines = diff.split('\n');
    const counts =
      note === ''
        ? { added: countOf('+', lines), removed: countOf('-', lines) }
        : { added: undefined, removed: undefined };
    return { ...difference, ...counts, note, diff };
  });
}

function countOf(sign: string, lines: readonly string[]): number {
  return lines.filter((line) => line.startsWith(sign)).length;
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString();
}

/** Why a file is not shown; empty where it is. */
function noteOn(path: string, sides: readonly (Uint8Array | undefined)[]): string {
  const [name] = basename(path).split('.', 1);
  if (isCredentialName(name ?? '') || /\.(?:key|pem|p12|pfx|jks|age)$/i.test(path)) return 'hidden';
  if (sides.some((side) => (side?.length ?? 0) > longest)) return 'too long';
  return sides.some((side) => side?.includes(0) === true) ? 'binary' : '';
}
