/** Ports that belong to the host itself: SSH, and the edge proxy. */
export const reservedPorts: readonly number[] = [22, 80, 443];

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** `20000-29999`; undefined when the text is none, or when a reserved port is in it. */
export function parsePortRange(text: string): PortRange | undefined {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const [first, last] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (first < 1 || last > 65_535 || first > last) return undefined;
  return reservedPorts.some((port) => port >= first && port <= last) ? undefined : { first, last };
}
