/** A key of a TOML file: where it stands, and what it belongs to. */
interface Written {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Where the keys of a TOML file stand, by path (`env.staging.vars.LEVEL`, `d1_databases.0`), for messages: the
 * parser gives values without places. Keys inside a multi-line value may be told at a line too many, never
 * outside of the file.
 */
export function tomlPlaces(text: string): ReadonlyMap<string, Written> {
  const places = new Map<string, Written>();
  const counts = new Map<string, number>();
  let table: readonly string[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trimStart();
    const column = raw.length - line.length + 1;
    const note = (path: readonly string[]): void => {
      const key = path.join('.');
      if (!places.has(key)) places.set(key, { path: key, line: index + 1, column });
    };
    const header = /^(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/.exec(line);
    if (header !== null) {
      table = within(keysOf(header[2] ?? ''), counts, header[1] === '[[');
      note(table);
      return;
    }
    const assigned = /^((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line);
    if (assigned !== null) note([...table, ...keysOf(assigned[1] ?? '')]);
  });
  return places;
}

function keysOf(dotted: string): string[] {
  return Array.from(dotted.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g), ([, a, b, c]) => a ?? b ?? c ?? '');
}

/** The path of a table with the positions of the lists on its way: `[[a]]` opens the next item of the list `a`. */
function within(keys: readonly string[], counts: Map<string, number>, opens: boolean): string[] {
  const path: string[] = [];
  keys.forEach((key, at) => {
    path.push(key);
    const list = path.join('.');
    const isLast = at === keys.length - 1;
    const count = counts.get(list);
    if (isLast && opens) {
      counts.set(list, (count ?? 0) + 1);
      path.push(String(count ?? 0));
    } else if (count !== undefined) path.push(String(count - 1));
  });
  return path;
}
