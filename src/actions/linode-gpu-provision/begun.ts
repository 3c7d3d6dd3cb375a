import * as z from 'zod/mini';
import { failurePolicies } from '../../core/gpu/settings.ts';
import type { BegunGpu } from '../../operations/gpu/request.ts';
import { noteUnfinished, readUnfinished } from '../../runner/unfinished.ts';

const begunShape = z.object({
  label: z.string(),
  run: z.string(),
  since: z.number(),
  onFailure: z.enum(failurePolicies),
  id: z.optional(z.number()),
});

/** Leaves for `post` what has been begun, before it is; undefined: nothing is left to be seen to. */
export function noteBegun(begun: BegunGpu | undefined): void {
  noteUnfinished(begun === undefined ? '' : JSON.stringify(begun));
}

/** Undefined when main came to its end, or had not begun. */
export function readBegun(): BegunGpu | undefined {
  const text = readUnfinished();
  if (text === '') return undefined;
  try {
    return z.parse(begunShape, JSON.parse(text));
  } catch {
    return undefined;
  }
}
