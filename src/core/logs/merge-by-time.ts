/** Several sequences, each in the order of time, as one in the order of time; only the head of each is held. */
export async function* mergeByTime<T extends { readonly time: string }>(
  sequences: readonly AsyncIterator<T>[],
): AsyncGenerator<T> {
  const heads: { readonly from: AsyncIterator<T>; readonly value: T }[] = [];
  const pull = async (from: AsyncIterator<T>) => {
    const next = await from.next();
    if (next.done !== true) heads.push({ from, value: next.value });
  };
  await Promise.all(sequences.map(pull));
  while (heads.length > 0) {
    const first = heads.reduce((a, b) => (isBefore(b.value.time, a.value.time) ? b : a));
    heads.splice(heads.indexOf(first), 1);
    yield first.value;
    await pull(first.from);
  }
}

/** As the engine writes them: all in UTC, with as many digits. */
function isBefore(a: string, b: string): boolean {
  return a < b;
}
