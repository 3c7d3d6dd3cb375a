import * as z from 'zod/mini';
import { LaunchError } from '../errors.ts';

const result = z.enum(['success', 'failure', 'cancelled', 'skipped']);
export type NeedResult = z.infer<typeof result>;

const schema = z.strictObject({
  /** Job to result; as `toJSON(needs)` has it, too. */
  needs: z._default(
    z.record(
      z.string(),
      z.pipe(
        z.union([result, z.object({ result })]),
        z.transform((need) => (typeof need === 'string' ? need : need.result)),
      ),
    ),
    {},
  ),
  /** Shown as they are, name to value; empty ones are left out. */
  facts: z._default(z.record(z.string(), z.nullable(z.union([z.string(), z.number(), z.boolean()]))), {}),
  /** What was deployed, when that is another commit than the run's. */
  commit: z.nullish(z.string()),
});

export type Details = z.output<typeof schema>;

/**
 * The input `details`.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function parseDetails(text: string): Details {
  if (text.trim() === '') return { needs: {}, facts: {} };
  const parsed = z.safeParse(schema, parseJson(text));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  throw refuse(where === '' ? 'is no object as it has to be' : `has a wrong "${where.slice(0, 80)}"`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse('is no JSON', cause);
  }
}

function refuse(what: string, cause?: unknown): LaunchError {
  return new LaunchError('CONFIG_INVALID', `The input \`details\` ${what}.`, {
    remedy: 'It takes JSON such as {"needs": {"build": "success"}, "facts": {"Version": "1.2"}}.',
    cause,
  });
}
