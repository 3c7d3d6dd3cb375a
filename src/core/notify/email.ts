import { formatDuration } from '../config/duration.ts';
import { fitted, oneLine } from './line.ts';
import {
  gist,
  headline,
  outcomeWords,
  type Reason,
  type RunReport,
  rows,
  type ServiceReport,
  shownServices,
} from './run-report.ts';

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const shown = { services: 40, jobs: 20, reason: 1000 } as const;

/** A run as a mail: the same in plain text and in HTML. */
export function mailText(report: RunReport): MailText {
  const where = report.repository === undefined ? '' : `[${oneLine(report.repository)}] `;
  return {
    subject: fitted(`${where}${headline(report)}`, 200),
    text: plainText(report),
    html: htmlText(report),
  };
}

function plainText(report: RunReport): string {
  const summary = gist(report);
  const parts = [
    fitted(headline(report), 300),
    ...(summary === undefined ? [] : [oneLine(summary)]),
    rows(report)
      .map(({ name, value }) => `${fitted(name, 60)}: ${fitted(value, 300)}`)
      .join('\n'),
    serviceList(report, (it) => `- ${[serviceText(it), ...reasonTexts(it.reasons)].join('\n    ')}`).join(
      '\n',
    ),
    report.jobs
      .slice(0, shown.jobs)
      .map((it) =>
        [`- ${fitted(it.job, 200)}: ${outcomeWords[it.outcome]}`, ...reasonTexts(it.reasons)].join('\n    '),
      )
      .join('\n'),
    report.notes.map(oneLine).join('\n'),
    ...(report.run?.url === undefined ? [] : [`The run: ${oneLine(report.run.url)}`]),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function serviceText({ service, target, outcome, url, durationMs }: ServiceReport): string {
  const time = durationMs === undefined ? '' : `, ${formatDuration(durationMs)}`;
  const site = url === undefined ? '' : ` (${fitted(url, 300)})`;
  return `${fitted(service, 100)} on ${fitted(target, 100)}: ${outcomeWords[outcome]}${time}${site}`;
}

function reasonTexts(reasons: readonly Reason[]): string[] {
  return reasons.map(
    ({ code, message }) => `${code === undefined ? '' : `${code}: `}${fitted(message, shown.reason)}`,
  );
}

function htmlText(report: RunReport): string {
  const summary = gist(report);
  const item = (text: string, log: string | undefined, reasons: readonly Reason[]) =>
    `<li>${link(log, escaped(text))}${reasonTexts(reasons)
      .map((it) => `<br><small>${escaped(it)}</small>`)
      .join('')}</li>`;
  const list = (items: readonly string[]) => (items.length === 0 ? '' : `<ul>${items.join('')}</ul>`);
  const cell = ({ name, value, url }: ReturnType<typeof rows>[number]) =>
    `<tr><td>${escaped(fitted(name, 60))}</td><td>${link(url, escaped(fitted(value, 300)))}</td></tr>`;
  return [
    '<!doctype html><html><body>',
    `<h3>${escaped(fitted(headline(report), 300))}</h3>`,
    summary === undefined ? '' : `<p>${escaped(oneLine(summary))}</p>`,
    `<table>${rows(report).map(cell).join('')}</table>`,
    list(
      serviceList(
        report,
        (it) => item(serviceText(it), it.log, it.reasons),
        (more) => `<li>${more}</li>`,
      ),
    ),
    list(
      report.jobs
        .slice(0, shown.jobs)
        .map((it) => item(`${fitted(it.job, 200)}: ${outcomeWords[it.outcome]}`, it.log, it.reasons)),
    ),
    report.notes.map((note) => `<p>${escaped(oneLine(note))}</p>`).join(''),
    report.run?.url === undefined ? '' : `<p>${link(report.run.url, 'Open the run')}</p>`,
    '</body></html>',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function serviceList(
  report: RunReport,
  one: (service: ServiceReport) => string,
  rest: (text: string) => string = (text) => text,
): string[] {
  const { bad, good, more } = shownServices(report, shown.services);
  return [...[...bad, ...good].map(one), ...(more > 0 ? [rest(`… and ${more} more`)] : [])];
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** `text` is HTML already. */
function link(url: string | undefined, text: string): string {
  return url !== undefined && /^https?:\/\/[^\s<>"']+$/.test(url)
    ? `<a href="${escaped(url)}">${text}</a>`
    : text;
}
