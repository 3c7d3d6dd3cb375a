import * as z from 'zod/mini';

// What the printed values are made of. Each has its meaning with it: the published JSON Schema tells it.

/** `schema`, and what its value means: one sentence, with the unit, and when it is null or not there. */
export function field<Schema extends z.ZodMiniType>(schema: Schema, meaning: string): Schema {
  return schema.check(z.describe(meaning));
}

export const text = (meaning: string) => field(z.string(), meaning);
export const textOrNull = (meaning: string) => field(z.nullable(z.string()), meaning);
/** Not printed at all where there is none. */
export const optionalText = (meaning: string) => z.optional(text(meaning));
export const flag = (meaning: string) => field(z.boolean(), meaning);
export const count = (meaning: string) => field(z.int().check(z.nonnegative()), meaning);
export const texts = (meaning: string) => field(z.array(z.string()), meaning);

export const service = text('The name of the service.');
export const target = text('The name of the target.');
export const commit = text('The full id of the commit.');
export const url = optionalText('Where people reach it; not there when that is not known.');
/** Milliseconds are whole numbers, but for those of a history that an older Launch wrote. */
export const durationMs = field(z.number().check(z.nonnegative()), 'How long it took, in milliseconds.');
