import type { GpuInstance } from './instance.ts';

/** What an instance is asked to be. */
export interface FitWishes {
  readonly types: readonly string[];
  /** Undefined: any. */
  readonly regions: readonly string[] | undefined;
  readonly image: string;
}

/** In what an instance that is there differs from what is asked for; empty when it fits. */
export function unfitness(instance: GpuInstance, { types, regions, image }: FitWishes): string[] {
  return [
    ...(types.includes(instance.type) ? [] : [`its type is ${instance.type}, not ${types.join(' or ')}`]),
    ...(regions === undefined || regions.includes(instance.region)
      ? []
      : [`it is in ${instance.region}, not in ${regions.join(' or ')}`]),
    ...(instance.image === image
      ? []
      : [`it was made from ${instance.image ?? 'no image'}, not from ${image}`]),
  ];
}
