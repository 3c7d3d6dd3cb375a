import type { Failure, TlsFault } from '../../core/health/attempt.ts';

const tlsFaults: Readonly<Record<string, TlsFault>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown-issuer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown-issuer',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown-issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown-issuer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong-host',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-tls',
};

/** What Node's error of a connection means. */
export function networkFailure(error: unknown, host: string): Failure {
  const code = codeOf(error);
  const message = messageOf(error);
  const fault = tlsFaults[code];
  if (fault !== undefined) return { kind: 'tls', fault, detail: fault === 'wrong-host' ? message : '' };
  switch (code) {
    case 'ECONNREFUSED':
      return { kind: 'refused' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EAI_FAIL':
      return { kind: 'dns', host };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
    case 'ETIMEDOUT':
      return { kind: 'unreachable' };
    case 'ECONNRESET':
    case 'EPIPE':
      return { kind: 'closed' };
  }
  if (code.startsWith('HPE_')) return { kind: 'not-http' };
  // OpenSSL says some faults in words only.
  if (/wrong version number|packet length too long|record layer/i.test(message)) {
    return { kind: 'tls', fault: 'not-tls', detail: '' };
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return { kind: 'tls', fault: 'handshake', detail: code };
  }
  return { kind: 'other', detail: code === '' ? message : `${code}: ${message}` };
}

/** Of several addresses that were tried, the error of the first one tells the most. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const [first]: unknown[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  if (first !== undefined) return codeOf(first);
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function messageOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : String(error);
  return typeof message === 'string' ? message : '';
}
