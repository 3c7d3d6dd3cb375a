// Certificates for local HTTPS servers, good and bad ones, made by openssl.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface Certificates {
  /** To be trusted for the rest to be told apart. */
  readonly authority: string;
  readonly valid: Certificate;
  readonly expired: Certificate;
  /** For another host than localhost. */
  readonly otherHost: Certificate;
  readonly selfSigned: Certificate;
}

const keyOptions = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'launch-certificates-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const selfSigned = (name: string, subject: string, ...more: string[]): Certificate => {
    const files = ['-keyout', path(`${name}.key`), '-out', path(`${name}.pem`)];
    openssl('req', '-x509', ...keyOptions, ...files, '-days', '2', '-subj', `/CN=${subject}`, ...more);
    return {
      key: readFileSync(path(`${name}.key`), 'utf8'),
      cert: readFileSync(path(`${name}.pem`), 'utf8'),
    };
  };
  const signed = (name: string, hosts: string, days: number): Certificate => {
    openssl(
      'req',
      ...keyOptions,
      '-keyout',
      path(`${name}.key`),
      '-out',
      path(`${name}.csr`),
      '-subj',
      `/CN=${name}`,
    );
    writeFileSync(path(`${name}.ext`), `subjectAltName=${hosts}\n`);
    const authority = ['-CA', path('authority.pem'), '-CAkey', path('authority.key')];
    const output = ['-extfile', path(`${name}.ext`), '-out', path(`${name}.pem`)];
    openssl('x509', '-req', '-in', path(`${name}.csr`), ...authority, '-days', String(days), ...output);
    return {
      key: readFileSync(path(`${name}.key`), 'utf8'),
      cert: readFileSync(path(`${name}.pem`), 'utf8'),
    };
  };
  try {
    const local = 'DNS:localhost,IP:127.0.0.1';
    return {
      authority: selfSigned('authority', 'Launch test authority').cert,
      valid: signed('valid', local, 2),
      expired: signed('expired', local, -1),
      otherHost: signed('other', 'DNS:other.example', 2),
      selfSigned: selfSigned('self', 'localhost', '-addext', `subjectAltName=${local}`),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
