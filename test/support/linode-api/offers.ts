// What can be had and where: types of instances, regions, and whether a type is to be had in a region.
import { type LinodeRequest, Malformed, ok, page, Refused, type Routes } from './envelope.ts';

export interface FakeType {
  readonly id: string;
  readonly label: string;
  readonly class: 'gpu' | 'nanode' | 'standard' | 'dedicated';
  readonly gpus: number;
  readonly vcpus: number;
  /** MB */
  readonly memory: number;
  /** MB */
  readonly disk: number;
  readonly price: { readonly hourly: number | null; readonly monthly: number | null };
  readonly region_prices: readonly {
    readonly id: string;
    readonly hourly: number | null;
    readonly monthly: number | null;
  }[];
}

export interface FakeRegion {
  readonly id: string;
  readonly label: string;
  readonly country: string;
  readonly capabilities: readonly string[];
  readonly status: 'ok' | 'outage';
}

export interface OffersState {
  readonly types: FakeType[];
  readonly regions: FakeRegion[];
  /** What `/regions/availability` says; a missing row is unknown. */
  readonly availability: { readonly region: string; readonly plan: string; readonly available: boolean }[];
  /** Regions where a create finds no capacity, whatever `availability` says; `*` for all. */
  readonly full: Set<string>;
}

const gpu = (
  id: string,
  label: string,
  sizes: Pick<FakeType, 'gpus' | 'vcpus' | 'memory'>,
  hourly: number,
) => ({
  id,
  label,
  class: 'gpu' as const,
  disk: 524_288,
  ...sizes,
  price: { hourly, monthly: hourly * 672 },
  // São Paulo is dearer.
  region_prices: [{ id: 'br-gru', hourly: hourly * 1.4, monthly: hourly * 1.4 * 672 }],
});

/** Sizes and prices are examples in the order of the real ones. */
export function offersState(): OffersState {
  const withGpu = ['Linodes', 'GPU Linodes', 'Cloud Firewall', 'Metadata'];
  const region = (id: string, label: string, country: string, capabilities: readonly string[] = withGpu) =>
    ({ id, label, country, capabilities, status: 'ok' }) as const;
  return {
    types: [
      {
        id: 'g6-nanode-1',
        label: 'Nanode 1GB',
        class: 'nanode',
        gpus: 0,
        vcpus: 1,
        ...{ memory: 1024, disk: 25_600, price: { hourly: 0.0075, monthly: 5 }, region_prices: [] },
      },
      gpu('g2-gpu-rtx4000a1-s', 'RTX4000 Ada x1 Small', { gpus: 1, vcpus: 4, memory: 16_384 }, 0.52),
      gpu('g2-gpu-rtx4000a1-m', 'RTX4000 Ada x1 Medium', { gpus: 1, vcpus: 8, memory: 32_768 }, 0.67),
      gpu('g2-gpu-rtx4000a2-s', 'RTX4000 Ada x2 Small', { gpus: 2, vcpus: 8, memory: 32_768 }, 1.05),
      gpu('g1-gpu-rtx6000-1', 'Dedicated 32GB + RTX6000 GPU x1', { gpus: 1, vcpus: 8, memory: 32_768 }, 1.5),
    ],
    regions: [
      region('us-ord', 'Chicago, IL', 'us'),
      region('us-sea', 'Seattle, WA', 'us'),
      region('de-fra-2', 'Frankfurt 2, DE', 'de'),
      region('br-gru', 'Sao Paulo, BR', 'br'),
      region('us-east', 'Newark, NJ', 'us', ['Linodes', 'Cloud Firewall']),
    ],
    availability: [],
    full: new Set(),
  };
}

export function offerRoutes(state: OffersState): Routes {
  const region = ({ params }: LinodeRequest) => {
    const found = state.regions.find(({ id }) => id === params['region']);
    if (found === undefined) throw new Refused(404, 'Not found');
    return found;
  };
  return {
    '*GET /linode/types': (request) => page(state.types, request, ['class', 'gpus', 'label']),
    '*GET /linode/types/:type': ({ params }) => {
      const found = state.types.find(({ id }) => id === params['type']);
      if (found === undefined) throw new Refused(404, 'Not found');
      return ok(found);
    },
    '*GET /regions': (request) => page(state.regions, request, ['country', 'status']),
    '*GET /regions/availability': (request) =>
      page(state.availability, request, ['region', 'plan', 'available']),
    '*GET /regions/:region': (request) => ok(region(request)),
    '*GET /regions/:region/availability': (request) => {
      const { id } = region(request);
      return ok(state.availability.filter((row) => row.region === id));
    },
  };
}

/** @throws Refused with what the API says to a create of that type there */
export function assertOffered(state: OffersState, type: string, region: string): void {
  if (!state.types.some(({ id }) => id === type))
    throw new Refused(400, 'A valid plan type by that ID was not found', 'type');
  const where = state.regions.find(({ id }) => id === region);
  if (where === undefined) throw new Refused(400, 'region is not valid', 'region');
  const isGpu = state.types.find(({ id }) => id === type)?.class === 'gpu';
  const isKnownMissing = state.availability.some(
    (row) => row.region === region && row.plan === type && !row.available,
  );
  // A client that has read the availability does not ask for what it says is not there.
  if (isKnownMissing) throw new Malformed(`${type} is not available in ${region}, as the availability says`);
  if (isGpu && !where.capabilities.includes('GPU Linodes')) {
    throw new Refused(400, 'This plan is not available in the selected region', 'region');
  }
  if (state.full.has(region) || state.full.has('*')) {
    throw new Refused(400, 'there is no availability for the selected plan in the selected region', 'region');
  }
}
