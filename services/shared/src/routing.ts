import { refusal } from './answer.ts';

/** One address of a worker, with a handler for each method. `:name` in the path stands for one segment. */
export interface Route<Context> {
  readonly path: string;
  readonly methods: Readonly<Record<string, Handler<Context>>>;
}

export type Handler<Context> = (
  request: Request,
  context: Context,
  parameters: Readonly<Record<string, string>>,
) => Response | Promise<Response>;

/**
 * Answers by the first route that fits. What a handler throws is told in the worker's log and answered with 500,
 * without a word of it: a message may hold what is nobody's business.
 */
export async function serve<Context>(
  routes: readonly Route<Context>[],
  request: Request,
  context: Context,
): Promise<Response> {
  const segments = new URL(request.url).pathname.split('/').slice(1);
  for (const route of routes) {
    const parameters = match(route.path.split('/').slice(1), segments);
    if (parameters === undefined) continue;
    const handler = route.methods[request.method];
    if (handler === undefined) {
      const allow = Object.keys(route.methods).join(', ');
      return refusal(405, 'method_not_allowed', `Allowed here: ${allow}.`, { allow });
    }
    try {
      return await handler(request, context, parameters);
    } catch (error) {
      console.error({ message: 'unexpected error', route: route.path, error: described(error) });
      return refusal(500, 'internal_error', 'Something went wrong here. It has been logged.');
    }
  }
  return refusal(404, 'not_found', 'There is nothing at this address.');
}

function match(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined;
      continue;
    }
    const value = decoded(segment);
    if (value === undefined || value === '') return undefined;
    parameters[part.slice(1)] = value;
  }
  return parameters;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The kind of an error, and where it came from; of the message only what this repository's own code says. */
function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
}
