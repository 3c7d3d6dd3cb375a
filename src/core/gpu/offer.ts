/** A type of instance that can be had. Prices are US dollars an hour; null where none is published. */
export interface MachineType {
  readonly id: string;
  readonly label: string;
  /** `gpu` for those with one. */
  readonly class: string;
  readonly gpus: number;
  readonly hourly: number | null;
  /** Regions with a price of their own. */
  readonly regionHourly: ReadonlyMap<string, number | null>;
}

export interface Region {
  readonly id: string;
  readonly label: string;
  readonly capabilities: readonly string[];
  readonly isOk: boolean;
}

/** What the provider says of a type in a region. Only `available: false` means no; a missing row is unknown. */
export interface Availability {
  readonly region: string;
  readonly type: string;
  readonly available: boolean;
}

/** What an instance of that type costs there, in US dollars an hour; undefined when it is not published. */
export function hourlyPrice(type: MachineType, region: string): number | undefined {
  const own = type.regionHourly.get(region);
  return own ?? type.hourly ?? undefined;
}

/** `$0.52/h` */
export function formatHourly(hourly: number | undefined): string {
  return hourly === undefined ? 'a price that is not published' : `$${formatAmount(hourly)}/h`;
}

/** `$12.48` */
export function formatCost(cost: number): string {
  return `$${cost.toFixed(2)}`;
}

/** Two digits, and more where the price has them. */
function formatAmount(amount: number): string {
  const exact = Number(amount.toFixed(4));
  return exact.toFixed(Math.max(2, String(exact).split('.')[1]?.length ?? 0));
}
