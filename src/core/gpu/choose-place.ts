import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import { type Availability, formatHourly, hourlyPrice, type MachineType, type Region } from './offer.ts';

/** Where an instance can be made, of what, and what it costs there in US dollars an hour. */
export interface GpuPlace {
  readonly type: string;
  readonly region: string;
  /** Undefined when no price is published. */
  readonly hourly: number | undefined;
}

export interface Passed {
  readonly type: string;
  readonly region: string;
  readonly why: string;
}

export interface Offers {
  readonly types: readonly MachineType[];
  readonly regions: readonly Region[];
  readonly availability: readonly Availability[];
}

export interface PlaceWishes {
  /** In order of preference. */
  readonly types: readonly string[];
  /** In order of preference; undefined: any, the cheapest first. */
  readonly regions: readonly string[] | undefined;
  /** US dollars an hour. */
  readonly maxHourlyCost: number | undefined;
}

/** A GPU with 20 GB each, which Mistral-7B at F16 fits into. */
export const defaultTypes = ['g2-gpu-rtx4000a1-s', 'g2-gpu-rtx4000a1-m'] as const;

/** What a region must have for a type with a GPU. */
const gpuCapability = 'GPU Linodes';

/**
 * The places to try, best first: a preferred type in any region comes before the next type. What is known not to be
 * had, or costs more than it may, is passed over; what is not known is tried.
 *
 * @throws LaunchError CONFIG_INVALID for names that are not on offer, and where nothing is left
 */
export function choosePlaces(
  offers: Offers,
  wishes: PlaceWishes,
): { readonly places: readonly GpuPlace[]; readonly passed: readonly Passed[] } {
  const types = wishes.types.map((name) => typeOf(offers, name));
  const passed: Passed[] = [];
  const places = types.flatMap((type) => {
    const found: GpuPlace[] = [];
    for (const region of regionsFor(offers, wishes, type)) {
      const why = whyNot(offers, wishes, type, region);
      if (why === undefined) {
        found.push({ type: type.id, region: region.id, hourly: hourlyPrice(type, region.id) });
      } else passed.push({ type: type.id, region: region.id, why });
    }
    return wishes.regions === undefined ? found.toSorted(byPrice) : found;
  });
  if (places.length === 0) throw nothingLeft(passed, wishes);
  return { places, passed };
}

function typeOf({ types }: Offers, name: string): MachineType {
  const found = types.find(({ id }) => id === name);
  if (found !== undefined) return found;
  const gpus = types.filter((type) => type.class === 'gpu').map(({ id }) => id);
  throw new LaunchError('CONFIG_INVALID', `Linode has no type "${printable(name, 60)}".`, {
    remedy: `${didYouMean(name, gpus)} Nothing has been made.`.trim(),
  });
}

function regionsFor({ regions }: Offers, wishes: PlaceWishes, type: MachineType): readonly Region[] {
  if (wishes.regions === undefined) {
    return regions.filter(({ capabilities }) => type.class !== 'gpu' || capabilities.includes(gpuCapability));
  }
  return wishes.regions.map((name) => {
    const found = regions.find(({ id }) => id === name);
    if (found !== undefined) return found;
    const known = regions.map(({ id }) => id);
    throw new LaunchError('CONFIG_INVALID', `Linode has no region "${printable(name, 60)}".`, {
      remedy: `${didYouMean(name, known)} Nothing has been made.`.trim(),
    });
  });
}

function whyNot(
  { availability }: Offers,
  { maxHourlyCost }: PlaceWishes,
  type: MachineType,
  region: Region,
): string | undefined {
  if (type.class === 'gpu' && !region.capabilities.includes(gpuCapability)) return 'has no GPUs';
  if (!region.isOk) return 'has an outage';
  const row = availability.find((it) => it.region === region.id && it.type === type.id);
  if (row?.available === false) return 'is sold out';
  if (maxHourlyCost === undefined) return undefined;
  const hourly = hourlyPrice(type, region.id);
  if (hourly !== undefined && hourly <= maxHourlyCost) return undefined;
  return `costs ${formatHourly(hourly)}, more than ${formatHourly(maxHourlyCost)}`;
}

function byPrice(one: GpuPlace, other: GpuPlace): number {
  const price = ({ hourly }: GpuPlace) => hourly ?? Number.POSITIVE_INFINITY;
  return price(one) - price(other) || (one.region < other.region ? -1 : 1);
}

function nothingLeft(passed: readonly Passed[], { maxHourlyCost }: PlaceWishes): LaunchError {
  const byCost = passed.some(({ why }) => why.startsWith('costs'));
  return new LaunchError(
    'CONFIG_INVALID',
    `No instance can be made: ${passedText(passed) || 'no region has GPUs'}.`,
    {
      remedy: `Nothing has been made. Name other types or regions${byCost && maxHourlyCost !== undefined ? ', or allow a higher hourly cost' : ''}.`,
    },
  );
}

/** `g2-gpu in us-ord is sold out; …` */
export function passedText(passed: readonly Passed[]): string {
  const shown = passed.slice(0, 12).map(({ type, region, why }) => `${type} in ${region} ${why}`);
  const rest = passed.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
