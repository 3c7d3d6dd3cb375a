import type * as z from 'zod/mini';

/** The keys that the object at `path` inside `schema` knows; empty where the schema has no object there. */
export function knownKeysAt(schema: z.ZodMiniType, path: readonly PropertyKey[]): string[] {
  const [step, ...rest] = path;
  const types = alternatives(schema);
  if (step === undefined) {
    return types.flatMap((type) => (type._zod.def.type === 'object' ? Object.keys(shapeOf(type)) : []));
  }
  return types.flatMap((type) => {
    const inner = child(type, step);
    return inner === undefined ? [] : knownKeysAt(inner, rest);
  });
}

/** A schema without its wrappers (optional, default, pipe, lazy), and each member of a union. */
function alternatives(schema: z.ZodMiniType): z.ZodMiniType[] {
  const def = schema._zod.def as unknown as Record<string, unknown>;
  const getter = def['getter'] as (() => z.ZodMiniType) | undefined;
  const wrapped = def['innerType'] ?? def['in'] ?? getter?.();
  if (wrapped !== undefined) return alternatives(wrapped as z.ZodMiniType);
  const options = def['options'];
  return Array.isArray(options) ? (options as z.ZodMiniType[]).flatMap(alternatives) : [schema];
}

function child(schema: z.ZodMiniType, step: PropertyKey): z.ZodMiniType | undefined {
  const def = schema._zod.def as unknown as Record<string, unknown>;
  if (schema._zod.def.type === 'object') return shapeOf(schema)[String(step)];
  return (def['valueType'] ?? def['element']) as z.ZodMiniType | undefined;
}

function shapeOf(schema: z.ZodMiniType): Record<string, z.ZodMiniType> {
  return (schema._zod.def as unknown as { shape: Record<string, z.ZodMiniType> }).shape;
}
