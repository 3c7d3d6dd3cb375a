/** A piece of a secret of this many characters gives too much of it away. */
export const shortestPiece = 24;

/** A piece of `shortestPiece` characters holds a whole block, wherever it begins. */
const blockLength = shortestPiece / 2;

interface Piece {
  readonly start: number;
  readonly end: number;
}

/**
 * A function that finds where pieces of these forms stand in a text, in their order and apart from each other. As
 * rsync does it: of the forms every so-many-th block is known, of the text each place is looked at.
 */
export function pieceFinder(forms: readonly string[]): (text: string) => readonly Piece[] {
  const blocks = new Map<string, { readonly form: string; readonly at: number }>();
  for (const form of forms) {
    for (let at = 0; at + blockLength <= form.length; at += blockLength) {
      const block = form.slice(at, at + blockLength);
      if (!blocks.has(block)) blocks.set(block, { form, at });
    }
  }
  return (text) => {
    const pieces: Piece[] = [];
    if (blocks.size === 0) return pieces;
    let free = 0;
    for (let at = 0; at + blockLength <= text.length; at += 1) {
      const known = blocks.get(text.slice(at, at + blockLength));
      if (known === undefined) continue;
      const piece = extend(text, at, known.form, known.at, free);
      if (piece.end - piece.start < shortestPiece) continue;
      pieces.push(piece);
      free = piece.end;
      at = piece.end - 1;
    }
    return pieces;
  };
}

/** As far as text and form are the same, but not before `free`. */
function extend(text: string, at: number, form: string, inForm: number, free: number): Piece {
  let before = 0;
  while (at - before > free && inForm > before && text[at - before - 1] === form[inForm - before - 1]) {
    before += 1;
  }
  let after = blockLength;
  while (
    at + after < text.length &&
    inForm + after < form.length &&
    text[at + after] === form[inForm + after]
  ) {
    after += 1;
  }
  return { start: at - before, end: at + after };
}
