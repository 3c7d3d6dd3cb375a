import * as z from 'zod/mini';
import { unreadable } from './api.ts';

/** @throws LaunchError API_ERROR for an answer that is not what the API promises */
export function readResult<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
  path: string,
): z.output<Schema> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw unreadable(path, parsed.error);
}
