/** A column that is narrower tells nothing. */
const narrowest = 6;

/** A table that has to fit: so many characters, with a gap between each two columns. */
export interface Room {
  readonly gap: number;
  readonly width: number;
}

/**
 * Which columns, by their places, are shown where not all of them fit: those that hold nothing are left out, then the
 * expendable ones, the first of them first. Those that are left may still be too wide.
 */
export function chooseColumns(
  columns: readonly { readonly width: number; readonly isEmpty: boolean; readonly name: string }[],
  expendable: readonly string[],
  { gap, width: room }: Room,
): number[] {
  const all = columns.map((column, at) => ({ ...column, at }));
  const leaving = [
    ...all.filter(({ isEmpty }) => isEmpty),
    ...expendable.flatMap((name) => all.filter((it) => it.name === name && !it.isEmpty)),
  ];
  const gone = new Set<number>();
  const isTooWide = () => {
    const shown = all.filter(({ at }) => !gone.has(at));
    return shown.reduce((sum, { width }) => sum + width + gap, -gap) > room;
  };
  for (const { at } of leaving) {
    if (!isTooWide()) break;
    gone.add(at);
  }
  return all.flatMap(({ at }) => (gone.has(at) ? [] : at));
}

/** The widths that fit: the widest columns give way first. Where even that is not enough, they are as narrow as can be. */
export function fitColumns(widths: readonly number[], { gap, width: room }: Room): number[] {
  const fitted = [...widths];
  let over = fitted.reduce((sum, width) => sum + width + gap, -gap) - room;
  while (over > 0) {
    const widest = Math.max(...fitted);
    if (widest <= narrowest) return fitted;
    const at = fitted.lastIndexOf(widest);
    // Down to the next one in size at once, not one by one.
    const next = Math.max(narrowest, ...fitted.filter((width) => width < widest));
    const less = Math.min(over, Math.max(1, widest - next));
    fitted[at] = widest - less;
    over -= less;
  }
  return fitted;
}
