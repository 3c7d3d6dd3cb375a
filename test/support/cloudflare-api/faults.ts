// Faults on request: a status of the API's choosing, an answer that never comes, a connection that is cut.
import type { CloudflareAnswer } from './envelope.ts';
import { refuse } from './envelope.ts';

export type Fault =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Default Cloudflare's envelope with code 10013, an internal error. */
      readonly body?: unknown;
      /** The request is carried out all the same, and only its answer is lost. */
      readonly afterwards?: true;
    }
  /** No answer, ever; the connection stays open. */
  | { readonly hang: true; readonly afterwards?: true }
  /** The connection is closed without an answer. */
  | { readonly cut: true; readonly afterwards?: true };

export interface Faults {
  // `POST /accounts/*/workers/scripts/*/deployments`: a part `*` stands for any one part, a last `**` for any rest.
  fail(route: string, times: number, fault: Fault, skip?: number): void;
  /** Asked of every request: undefined lets it pass. */
  strike(decide: ((method: string, path: string) => Fault | undefined) | undefined): void;
  next(method: string, path: string): Fault | undefined;
}

export function faults(): Faults {
  const planned: { route: string; left: number; skip: number; fault: Fault }[] = [];
  let decide: ((method: string, path: string) => Fault | undefined) | undefined;
  return {
    fail: (route, times, fault, skip = 0) => void planned.push({ route, left: times, skip, fault }),
    strike: (decider) => {
      decide = decider;
    },
    next(method, path) {
      for (const plan of planned) {
        if (plan.left === 0 || !matches(plan.route, `${method} ${path}`)) continue;
        if (plan.skip > 0) {
          plan.skip -= 1;
          continue;
        }
        plan.left -= 1;
        return plan.fault;
      }
      return decide?.(method, path);
    },
  };
}

export function answerOf(fault: Extract<Fault, { readonly status: number }>): CloudflareAnswer {
  const usual = refuse(
    fault.status,
    10013,
    'An unknown error has occurred. If this error persists, please report the issue.',
  );
  return {
    ...usual,
    ...(fault.headers === undefined ? {} : { headers: fault.headers }),
    ...(fault.body === undefined ? {} : { body: fault.body }),
  };
}

function matches(route: string, asked: string): boolean {
  const parts = route.split('/');
  const given = asked.split('/');
  if (parts.at(-1) === '**') {
    return parts.slice(0, -1).every((part, at) => part === '*' || part === given[at]);
  }
  return parts.length === given.length && parts.every((part, at) => part === '*' || part === given[at]);
}
