// Runs as people are told of them: a usual one, one of 600 services, and one whose every text is hostile.
import type { RunReport, ServiceReport } from '../../src/core/notify/run-report.ts';

const run = 'https://github.com/octo/shop/actions/runs/7/attempts/1';

export function service(more: Partial<ServiceReport> = {}): ServiceReport {
  return {
    service: 'chat',
    target: 'homelab',
    outcome: 'deployed',
    log: `${run}/job/1`,
    durationMs: 42_000,
    reasons: [],
    ...more,
  };
}

export const broken = service({
  service: 'api',
  target: 'aws',
  outcome: 'failed',
  reasons: [{ code: 'HEALTH_FAILED', message: 'http://127.0.0.1:3080/health answered 503 for 120 s.' }],
});

export function report(more: Partial<RunReport> = {}): RunReport {
  return {
    status: 'partial',
    title: 'Deploy',
    repository: 'octo/shop',
    ref: 'main',
    commit: '1f3a9c27d0b4e6a8c1f3a9c27d0b4e6a8c1f3a9c',
    commitUrl: 'https://github.com/octo/shop/commit/1f3a9c27d0b4e6a8c1f3a9c27d0b4e6a8c1f3a9c',
    actor: 'octocat',
    run: { id: '7', number: 3, attempt: 1, workflow: 'Launch deploy', event: 'push', url: run },
    durationMs: 95_000,
    services: [service(), broken],
    jobs: [],
    facts: [],
    notes: [],
    at: new Date('2026-11-22T10:00:00.000Z'),
    ...more,
  };
}

/** 600 services on 40 targets, a tenth of which failed at length. */
export function largeReport(): RunReport {
  const services = Array.from({ length: 600 }, (_, index) =>
    service({
      service: `service-with-a-rather-long-name-${index}`,
      target: `target-${index % 40}`,
      ...(index % 10 === 0
        ? {
            outcome: 'failed',
            reasons: [{ code: 'DEPLOY_FAILED', message: 'It failed & <ended>. '.repeat(90) }],
          }
        : {}),
    }),
  );
  return report({ services });
}

export const nasty =
  '<!channel> <@U012AB3CD> <https://evil.example|click> @everyone @here <@&1> *b* _i_ ~s~ `c` ```x``` [t](https://evil.example) </p><script>alert(1)</script> & "q" \'s\' | > # - \r\nBcc: all@evil.example\r\n\r\n.\r\n::error::x \u202egnp.exe\u200b \u0000 \ud800 https://evil.example';

export function nastyReport(): RunReport {
  return report({
    title: nasty,
    repository: nasty,
    ref: nasty,
    commit: nasty,
    commitUrl: `javascript:alert(1)//${nasty}`,
    actor: nasty,
    againBy: nasty,
    run: { id: nasty, attempt: 2, workflow: nasty, event: nasty, url: `javascript:${nasty}` },
    services: [
      service({
        service: nasty,
        target: nasty,
        url: `https://x|${nasty}`,
        log: `https://a.example/>|${nasty}`,
      }),
      service({ outcome: 'failed', reasons: [{ code: 'DEPLOY_FAILED', message: nasty }] }),
    ],
    jobs: [{ job: nasty, outcome: 'failed', reasons: [{ message: nasty.repeat(30) }] }],
    facts: [{ name: nasty, value: nasty }],
    notes: [nasty],
  });
}
