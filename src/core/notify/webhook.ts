import { createHmac } from 'node:crypto';
import type { Reason, RunReport } from './run-report.ts';

/** Of the JSON; grows when something in it goes or changes its meaning. docs/notifications.md describes it. */
const version = 1;

const shown = { services: 1000, jobs: 100, reason: 2000 } as const;

/** The body of a webhook; names and times as GitHub's own API has them, durations in milliseconds. */
export function webhookMessage(report: RunReport, delivery: string): string {
  const { status, title, repository, ref, commit, actor, againBy, run, durationMs, at } = report;
  const services = report.services.slice(0, shown.services);
  const jobs = report.jobs.slice(0, shown.jobs);
  return JSON.stringify({
    version,
    event: 'run',
    delivery,
    sent_at: at.toISOString(),
    status,
    title,
    repository: repository ?? null,
    ref: ref ?? null,
    commit: commit ?? null,
    actor: actor ?? null,
    run_again_by: againBy ?? null,
    run:
      run === undefined
        ? null
        : {
            id: run.id,
            number: run.number ?? null,
            attempt: run.attempt,
            workflow: run.workflow ?? null,
            event: run.event ?? null,
            url: run.url ?? null,
          },
    duration_ms: durationMs ?? null,
    services: services.map((it) => ({
      service: it.service,
      target: it.target,
      outcome: it.outcome,
      url: it.url ?? null,
      log: it.log ?? null,
      duration_ms: it.durationMs ?? null,
      reasons: it.reasons.map(plainReason),
    })),
    services_left_out: report.services.length - services.length,
    jobs: jobs.map((it) => ({
      job: it.job,
      outcome: it.outcome,
      log: it.log ?? null,
      reasons: it.reasons.map(plainReason),
    })),
    facts: Object.fromEntries(report.facts.map(({ name, value }) => [name, value])),
    notes: report.notes,
  });
}

function plainReason({ code, message }: Reason) {
  return { code: code ?? null, message: message.slice(0, shown.reason).toWellFormed() };
}

/**
 * The headers by which a receiver knows who sent it. The time is signed, too, so that an old message can't be played again
 * to a receiver that looks at it.
 *
 * @param timestamp in seconds since 1970
 */
export function webhookHeaders(
  body: string,
  secret: string,
  timestamp: number,
  delivery: string,
): Readonly<Record<string, string>> {
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return {
    'x-launch-signature-256': `sha256=${signature}`,
    'x-launch-timestamp': String(timestamp),
    'x-launch-delivery': delivery,
  };
}
