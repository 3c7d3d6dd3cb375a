import { printable } from '../names.ts';
import { describeStatus, type StatusExpectation } from './expectation.ts';

/** What is wrong with a certificate, or with the handshake before it. */
export type TlsFault =
  | 'expired'
  | 'not-yet-valid'
  | 'self-signed'
  | 'unknown-issuer'
  | 'wrong-host'
  | 'not-tls'
  | 'handshake';

/** Why one attempt failed. */
export type Failure =
  | { readonly kind: 'refused' | 'unreachable' | 'closed' | 'not-http' }
  | { readonly kind: 'dns'; readonly host: string }
  | { readonly kind: 'tls'; readonly fault: TlsFault; readonly detail: string }
  | { readonly kind: 'timeout'; readonly afterMs: number; readonly what: string }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly expected: StatusExpectation;
      readonly location: string | undefined;
      readonly body: string;
    }
  | { readonly kind: 'body'; readonly expected: string; readonly body: string }
  | { readonly kind: 'header'; readonly name: string; readonly expected: string; readonly actual: string }
  | { readonly kind: 'exit'; readonly outcome: string; readonly output: string }
  | { readonly kind: 'not-started'; readonly program: string; readonly reason: string }
  | { readonly kind: 'no-container'; readonly wanted: string }
  | { readonly kind: 'container'; readonly name: string; readonly state: string; readonly output: string }
  | { readonly kind: 'engine'; readonly detail: string }
  | { readonly kind: 'other'; readonly detail: string };

export type Attempt =
  | { readonly ok: true; readonly latencyMs: number }
  | { readonly ok: false; readonly latencyMs: number; readonly failure: Failure };

/** A program that is not there will not come by waiting; everything else may. */
export function isFinal(failure: Failure): boolean {
  return failure.kind === 'not-started';
}

const tlsFaults: Readonly<Record<TlsFault, string>> = {
  expired: 'the certificate has expired',
  'not-yet-valid': 'the certificate is not valid yet',
  'self-signed': 'the certificate is self-signed',
  'unknown-issuer': 'the certificate is from an issuer this machine does not trust',
  'wrong-host': 'the certificate is for another host',
  'not-tls': 'the server does not speak TLS on this port',
  handshake: 'the TLS handshake failed',
};

const plainFaults = {
  refused: 'the connection was refused: nothing listens there',
  unreachable: 'the host can not be reached from here',
  closed: 'the server closed the connection without an answer',
  'not-http': 'the answer is not HTTP',
} as const;

/**
 * A failure as one clause for people; foreign text is bounded and escaped. `hide` frees it of secrets, also of one
 * that was cut at its end.
 */
export function describeFailure(failure: Failure, hide: (text: string) => string): string {
  const quote = (text: string, limit: number) => printable(hide(text.trim()), limit);
  const excerpt = (text: string) => (text.trim() === '' ? '' : `: "${quote(text, 200)}"`);
  // What a command says last is why it failed.
  const lastOf = (text: string) => {
    const shown = hide(text.trim());
    return shown === '' ? '' : `: "${shown.length > 300 ? '…' : ''}${printable(shown.slice(-300), 600)}"`;
  };
  switch (failure.kind) {
    case 'refused':
    case 'unreachable':
    case 'closed':
    case 'not-http':
      return plainFaults[failure.kind];
    case 'dns':
      return `the name "${printable(failure.host, 80)}" has no address (DNS)`;
    case 'tls':
      return `${tlsFaults[failure.fault]}${failure.detail === '' ? '' : ` (${quote(failure.detail, 120)})`}`;
    case 'timeout':
      return `timed out: no ${failure.what} within ${failure.afterMs} ms`;
    case 'status': {
      const to = failure.location === undefined ? '' : `, a redirect to ${quote(failure.location, 120)}`;
      return `status ${failure.status}${to} instead of ${describeStatus(failure.expected)}${excerpt(failure.body)}`;
    }
    case 'body': {
      const got = failure.body.trim() === '' ? 'it is empty' : `it begins "${quote(failure.body, 200)}"`;
      return `the body does not have ${printable(JSON.stringify(failure.expected), 80)}: ${got}`;
    }
    case 'header':
      return `the header ${failure.name} is ${failure.actual === '' ? 'missing' : `"${quote(failure.actual, 80)}"`}${failure.expected === '' ? '' : ` instead of "${quote(failure.expected, 80)}"`}`;
    case 'exit':
      return `${failure.outcome}${lastOf(failure.output)}`;
    case 'not-started':
      return `${printable(failure.program, 80)}: ${failure.reason}`;
    case 'no-container':
      return `there is no container ${printable(failure.wanted, 120)}`;
    case 'container':
      return `the container ${printable(failure.name, 80)} is ${printable(failure.state, 80)}${lastOf(failure.output)}`;
    case 'engine':
      return `the container engine did not answer${excerpt(failure.detail)}`;
    case 'other':
      return quote(failure.detail, 200);
  }
}
