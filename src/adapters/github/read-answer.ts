import * as z from 'zod/mini';
import { LaunchError } from '../../core/errors.ts';

/**
 * What GitHub answered, in the shape that it documents.
 *
 * @param fault ends the sentence "GitHub answered with something …"
 * @throws LaunchError API_ERROR
 */
export function readAnswer<T extends z.ZodMiniType>(
  shape: T,
  answer: unknown,
  { fault, remedy = 'Check GITHUB_API_URL.' }: { readonly fault: string; readonly remedy?: string },
): z.output<T> {
  const parsed = z.safeParse(shape, answer);
  if (parsed.success) return parsed.data;
  throw new LaunchError('API_ERROR', `GitHub answered with something ${fault}.`, {
    remedy,
    cause: parsed.error,
  });
}
