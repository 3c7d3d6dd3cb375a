import { describe, expect, it } from '@jest/globals';
import { describeFailure, type Failure } from '../../../../src/core/health/attempt.ts';
import {
  checkLabel,
  type HttpCheck,
  secretsOf,
  withoutCredentials,
} from '../../../../src/core/health/check.ts';
import { defaultStatus } from '../../../../src/core/health/expectation.ts';
import { cutRedactor } from '../../../../src/core/secrets/redact.ts';

const asIs = (text: string) => text;

const status = (body: string): Failure => ({
  kind: 'status',
  status: 503,
  expected: defaultStatus,
  location: undefined,
  body,
});

const http = (part: Partial<HttpCheck>): HttpCheck => ({
  kind: 'http',
  timeoutMs: 1,
  intervalMs: 1,
  attemptMs: 1,
  successes: 1,
  url: 'http://x/',
  headers: {},
  status: defaultStatus,
  body: undefined,
  responseHeaders: [],
  ...part,
});

describe('describeFailure', () => {
  it('tells the status, what was expected, and an excerpt of the body', () => {
    expect(describeFailure(status('warming up'), asIs)).toBe('status 503 instead of 200-399: "warming up"');
    expect(describeFailure(status('  \n'), asIs)).toBe('status 503 instead of 200-399');
  });

  it('keeps a long body short, and on one line', () => {
    const text = describeFailure(status(`a\u001b[31m\r\n::error::x${'y'.repeat(5000)}`), asIs);
    expect(text.length).toBeLessThan(300);
    expect(text).not.toMatch(/[\u0000-\u001f]/);
  });

  it('shows no secret of the request that the server sends back', () => {
    const check = http({
      headers: { Authorization: 'Bearer s3cr3t-token-value', Accept: 'text/html' },
      url: 'http://bot:p%40ssword@x/?key=query-secret',
    });
    const body = 'no: s3cr3t-token-value, p@ssword, query-secret, text/html';
    expect(describeFailure(status(body), cutRedactor(secretsOf(check), 'end'))).toBe(
      'status 503 instead of 200-399: "no: ***, ***, ***, text/html"',
    );
  });

  it('shows no secret in any other foreign text either', () => {
    const secrets = ['hunter2hunter2'];
    const failures: Failure[] = [
      { kind: 'body', expected: 'ok', body: 'x hunter2hunter2' },
      { kind: 'header', name: 'x', expected: 'a', actual: 'hunter2hunter2' },
      { kind: 'exit', outcome: 'exit status 1', output: 'hunter2hunter2' },
      { kind: 'container', name: 'c', state: 'unhealthy', output: 'hunter2hunter2' },
      { kind: 'engine', detail: 'hunter2hunter2' },
      { kind: 'other', detail: 'hunter2hunter2' },
      { kind: 'tls', fault: 'wrong-host', detail: 'hunter2hunter2' },
      { ...(status('') as Extract<Failure, { kind: 'status' }>), location: '/?t=hunter2hunter2' },
    ];
    for (const failure of failures) {
      expect(describeFailure(failure, cutRedactor(secrets, 'end'))).toMatch(/\*\*\*/);
      expect(describeFailure(failure, cutRedactor(secrets, 'end'))).not.toMatch(/hunter/);
    }
  });

  it("shows a command's last words, not its first", () => {
    const output = `${'progress\n'.repeat(500)}connection to db:5432 failed`;
    const text = describeFailure({ kind: 'exit', outcome: 'exit status 3', output }, asIs);
    expect(text).toMatch(/^exit status 3: "….*connection to db:5432 failed"$/);
    expect(text.length).toBeLessThan(700);
  });
});

describe('checkLabel', () => {
  it('names a URL without user, password and query', () => {
    expect(withoutCredentials('https://a:b@h.example:8443/p?token=x')).toBe('https://***@h.example:8443/p?…');
    expect(withoutCredentials('http://a:b@[bad/p?token=x')).not.toMatch(/a:b|token/);
  });

  it('stays on one line', () => {
    const base = { timeoutMs: 1, intervalMs: 1, attemptMs: 1, successes: 1 };
    const label = checkLabel({
      kind: 'command',
      ...base,
      argv: ['sh', '-c', 'a\n::error::b'],
      cwd: '/',
      env: {},
      secrets: [],
    });
    expect(label).toBe('command sh -c a\\u000a::error::b');
    expect(checkLabel({ kind: 'tcp', ...base, host: '::1', port: 5432 })).toBe('tcp [::1]:5432');
  });
});
