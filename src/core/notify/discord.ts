import { formatDuration } from '../config/duration.ts';
import { fitted } from './line.ts';
import {
  gist,
  headline,
  outcomeWords,
  type Reason,
  type RunReport,
  type RunStatus,
  rows,
  type ServiceReport,
  shownServices,
} from './run-report.ts';

// The limits of https://discord.com/developers/docs/resources/message#embed-object-embed-limits; that of a description is 4096.
const limits = {
  total: 6000,
  title: 256,
  description: 2600,
  name: 256,
  value: 1024,
  fields: 25,
  footer: 500,
} as const;

const colors: Readonly<Record<RunStatus, number>> = {
  success: 0x2da44e,
  failure: 0xcf222e,
  partial: 0xbf8700,
  cancelled: 0x6e7781,
};

interface Field {
  readonly name: string;
  readonly value: string;
  readonly inline: boolean;
}

/** The body of `Execute Webhook`: one embed, and nobody is mentioned whatever a text says. */
export function discordMessage(report: RunReport): unknown {
  const title = fitted(headline(report), limits.title, escaped);
  const description = describe(report);
  const footer = fitted(report.notes.join(' '), limits.footer);
  const url = linkable(report.run?.url);
  const left = limits.total - title.length - description.length - footer.length;
  const embed = {
    title,
    ...(url === undefined ? {} : { url }),
    ...(description === '' ? {} : { description }),
    color: colors[report.status],
    timestamp: report.at.toISOString(),
    fields: fitFields([...factFields(report), ...reasonFields(report)], left),
    ...(footer === '' ? {} : { footer: { text: footer } }),
  };
  return { embeds: [embed], allowed_mentions: { parse: [] } };
}

function describe(report: RunReport): string {
  const summary = gist(report);
  const { bad, good, more } = shownServices(report, 40);
  const lines = [...bad, ...good].map(serviceLine);
  const start = summary === undefined ? '' : fitted(summary, 400, escaped);
  let text = start;
  let shown = 0;
  for (const line of lines) {
    if (text.length + 1 + line.length > limits.description - 40) break;
    text += `${text === '' ? '' : '\n'}${line}`;
    shown += 1;
  }
  const rest = more + lines.length - shown;
  return rest > 0 ? `${text}\n… and ${rest} more` : text;
}

function serviceLine({ service, target, outcome, url, log, durationMs }: ServiceReport): string {
  const time = durationMs === undefined ? '' : `, ${formatDuration(durationMs)}`;
  const site = linkable(url) === undefined ? '' : ` · ${link(url, 'open')}`;
  const name = link(log, `${fitted(service, 80, escaped)} → ${fitted(target, 80, escaped)}`);
  return `${name}: ${outcomeWords[outcome]}${time}${site}`;
}

function factFields(report: RunReport): Field[] {
  return rows(report)
    .slice(0, 12)
    .map(({ name, value, url }) => ({
      name: fitted(name, 60, escaped),
      value: link(url, fitted(value, 150, escaped)) || '–',
      inline: true,
    }));
}

function reasonFields(report: RunReport): Field[] {
  const field = (name: string, reasons: readonly Reason[], log?: string): Field => ({
    name: fitted(name, limits.name, escaped),
    value: reasonText(reasons) || link(log, 'the job'),
    inline: false,
  });
  const services = report.services.filter(({ reasons }) => reasons.length > 0).slice(0, 8);
  return [
    ...services.map((it) => field(`${it.service} → ${it.target}`, it.reasons)),
    ...report.jobs
      .slice(0, 5)
      .map((it) => field(`${it.job} ${outcomeWords[it.outcome]}`, it.reasons, it.log)),
  ];
}

function reasonText(reasons: readonly Reason[]): string {
  return reasons
    .slice(0, 2)
    .map(({ code, message }) => `${code === undefined ? '' : `\`${code}\` `}${fitted(message, 400, escaped)}`)
    .join('\n');
}

/** Those that the embed has room for. */
function fitFields(fields: readonly Field[], room: number): Field[] {
  const kept: Field[] = [];
  let left = room;
  for (const field of fields) {
    left -= field.name.length + field.value.length;
    if (left < 0 || kept.length === limits.fields) break;
    kept.push(field);
  }
  return kept;
}

/** Every mark that Discord's Markdown knows; a colon, because `https:` and `:name:` live by it. */
function escaped(text: string): string {
  return text.replace(/[\\*_~`|<>[\]():@#]|^[-+]/g, (mark) => `\\${mark}`);
}

/** `text` is Markdown already. */
function link(url: string | undefined, text: string): string {
  const target = linkable(url);
  return target === undefined ? text : `[${text}](${target})`;
}

function linkable(url: string | undefined): string | undefined {
  return url !== undefined && url.length <= 300 && /^https?:\/\/[^\s<>()"]+$/.test(url) ? url : undefined;
}
