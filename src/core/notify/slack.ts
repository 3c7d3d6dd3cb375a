import { formatDuration } from '../config/duration.ts';
import { fitted } from './line.ts';
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

// The limits of https://docs.slack.dev/reference/block-kit/blocks
const limits = { header: 150, text: 3000, field: 2000, fields: 10, url: 3000 } as const;

const shown = { services: 40, jobs: 10, reasons: 10, reason: 500, name: 150 } as const;

type Block = Readonly<Record<string, unknown>>;

/** An incoming webhook's message in Block Kit, with the text that notifications show. */
export function slackMessage(report: RunReport): unknown {
  const summary = gist(report);
  const { bad, good, more } = shownServices(report, shown.services);
  const lines = [
    ...bad.map((service) => `• ${serviceLine(service)}`),
    ...good.map((service) => `• ${serviceLine(service)}`),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
  const fields = rows(report)
    .slice(0, limits.fields)
    .map(({ name, value, url }) => {
      const text = fitted(value, shown.name, escaped);
      return mrkdwn(`*${fitted(name, 60, escaped)}*\n${link(url, text) || '–'}`);
    });
  const url = linkable(report.run?.url);
  const blocks: Block[] = [
    {
      type: 'header',
      text: { type: 'plain_text', text: fitted(headline(report), limits.header), emoji: false },
    },
    ...(summary === undefined ? [] : [section(fitted(summary, 500, escaped))]),
    ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
    ...inSections(lines),
    ...inSections(reasonLines(report)),
    ...(report.notes.length === 0
      ? []
      : [{ type: 'context', elements: [mrkdwn(fitted(report.notes.join(' '), 1500, escaped))] }]),
    ...(url === undefined
      ? []
      : [
          {
            type: 'actions',
            elements: [
              { type: 'button', text: { type: 'plain_text', text: 'Open the run', emoji: false }, url },
            ],
          },
        ]),
  ];
  const text = [headline(report), report.repository, summary].filter((it) => it !== undefined).join(' · ');
  return { text: fitted(text, 1000, escaped), blocks, unfurl_links: false, unfurl_media: false };
}

function serviceLine({ service, target, outcome, url, log, durationMs }: ServiceReport): string {
  const what = outcomeWords[outcome];
  const time = durationMs === undefined ? '' : `, ${formatDuration(durationMs)}`;
  const site = linkable(url) === undefined ? '' : ` · ${link(url, 'open')}`;
  const name = link(log, `${fitted(service, 80, escaped)} → ${fitted(target, 80, escaped)}`);
  return `${name}: ${what}${time}${site}`;
}

/** Why, for the first few that failed. */
function reasonLines(report: RunReport): string[] {
  const services = report.services.filter(({ reasons }) => reasons.length > 0);
  const told = services.slice(0, shown.reasons);
  const jobs = report.jobs.slice(0, shown.jobs);
  const rest = services.length - told.length + report.jobs.length - jobs.length;
  return [
    ...told.map((it) => `*${fitted(`${it.service} → ${it.target}`, 150, escaped)}*${reasonText(it.reasons)}`),
    ...jobs.map(
      (it) =>
        `*${link(it.log, fitted(it.job, shown.name, escaped))}* ${outcomeWords[it.outcome]}${reasonText(it.reasons)}`,
    ),
    ...(rest > 0 ? [`… and ${rest} more reasons; the run has them`] : []),
  ];
}

function reasonText(reasons: readonly Reason[]): string {
  return reasons
    .slice(0, 2)
    .map(
      ({ code, message }) =>
        `\n> ${code === undefined ? '' : `\`${code}\` `}${fitted(message, shown.reason, escaped)}`,
    )
    .join('');
}

/** As few sections as the lines fit into; a line is never cut. */
function inSections(lines: readonly string[]): Block[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= limits.text)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.map(section);
}

function section(text: string): Block {
  return { type: 'section', text: mrkdwn(text) };
}

/** `verbatim`: Slack makes no links, mentions or channels of what merely looks like one. */
function mrkdwn(text: string): Block {
  return { type: 'mrkdwn', text, verbatim: true };
}

/**
 * `&`, `<` and `>` are all that Slack asks to escape: mentions and links are written in angle brackets. What would make text bold
 * or code is kept apart by an invisible joiner, because mrkdwn knows no escape for it.
 */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`]/g, (mark) => `\u2060${mark}\u2060`);
}

/** `text` is mrkdwn already. */
function link(url: string | undefined, text: string): string {
  const target = linkable(url);
  return target === undefined ? text : `<${target.replaceAll('&', '&amp;')}|${text.replaceAll('|', '¦')}>`;
}

function linkable(url: string | undefined): string | undefined {
  return url !== undefined && url.length <= limits.url / 10 && /^https?:\/\/[^\s<>|"]+$/.test(url)
    ? url
    : undefined;
}
