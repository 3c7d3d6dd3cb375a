import * as z from 'zod/mini';
import { count, field, flag, optionalText, text, texts } from './fields.ts';

/** Of `launch edge up` and `launch edge status`. */
export const edgeOutput = z.object({
  settings: field(
    z.nullable(
      z.object({
        admin: text('Its admin API: host:port, or unix/ and a path.'),
        http: count('The port for plain requests.'),
        https: count('The port for TLS.'),
        bind: optionalText('The address it listens on; not there when it listens on all of them.'),
        tls: field(z.enum(['auto', 'off']), 'auto: certificates come by themselves. off: plain HTTP only.'),
        container: optionalText('The container that Launch started; not there when it is not by Launch.'),
      }),
    ),
    'Where the edge proxy of this machine is; null when there is none.',
  ),
  answers: flag('Whether it answers.'),
  routes: field(
    z.array(
      z.object({
        id: text('Its id at the proxy.'),
        host: text('The host name of the requests.'),
        path: text('The path that they begin with.'),
        upstreams: texts('The addresses that they go to.'),
        service: text('The service whose route it is; ? when no release of this machine has it.'),
        target: text('The target of the service; ? when no release of this machine has the route.'),
        right: flag('Whether it leads to the containers that run now.'),
      }),
    ),
    'The routes that it has.',
  ),
  handsOver: field(
    z.nullable(z.boolean()),
    'Whether the kernel hands waiting connections over at a switch; null when it can not.',
  ),
});
export type EdgeOutput = z.infer<typeof edgeOutput>;

export const edgeDownOutput = z.object({ wasThere: flag('Whether there was an edge proxy to remove.') });
export type EdgeDownOutput = z.infer<typeof edgeDownOutput>;
