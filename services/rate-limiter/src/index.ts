import { serve } from '../../shared/src/routing.ts';
import type { Env } from './env.ts';
import { routes } from './routes.ts';

export { Bucket } from './bucket.ts';
export { Limiter } from './limiter.ts';

export default {
  async fetch(request, env): Promise<Response> {
    return await serve(routes, request, env);
  },
} satisfies ExportedHandler<Env>;
