import type { Sent } from '../../adapters/notify/attempt.ts';
import { type Posting, postMessage } from '../../adapters/notify/post-message.ts';
import { type Channel, type ChannelOf, mailServer } from '../../core/notify/channel.ts';
import { type Delivery, deliveryId, refusedDelivery, wants } from '../../core/notify/delivery.ts';
import { discordMessage } from '../../core/notify/discord.ts';
import { mailText } from '../../core/notify/email.ts';
import type { ReadChannels } from '../../core/notify/read-channels.ts';
import type { RunReport } from '../../core/notify/run-report.ts';
import { slackMessage } from '../../core/notify/slack.ts';
import { webhookHeaders, webhookMessage } from '../../core/notify/webhook.ts';
import { redactor } from '../../core/secrets/redact.ts';
import type { Reporter } from '../reporter.ts';

/**
 * Tells every channel that wants to know, all at once and until the signal ends it. A channel that fails is a warning, and one
 * of the deliveries; nothing is thrown, and no text of it holds a secret.
 */
export async function deliverReport(
  report: RunReport,
  { channels, refused, secrets }: ReadChannels,
  signal: AbortSignal,
  reporter: Reporter,
): Promise<readonly Delivery[]> {
  const redact = redactor(secrets);
  const wrong = refused.map(refusedDelivery);
  for (const { channel, why } of wrong)
    reporter.warning(`The notification channel ${channel} is wrong: ${why}`);
  const sent = await Promise.all(
    channels
      .filter((channel) => wants(channel, report))
      .map(async (channel) =>
        toDelivery(channel, await sendSafely(channel, report, { redact, signal }), redact),
      ),
  );
  for (const { channel, ok, why = '', status } of sent) {
    if (ok) reporter.info(`${channel}: delivered (${status}).`);
    else reporter.warning(`The notification to ${channel} was not delivered: ${why}.`);
  }
  return [...sent, ...wrong];
}

function toDelivery({ name, type }: Channel, sent: Sent, redact: (text: string) => string): Delivery {
  const base = { channel: name, type, ok: sent.ok };
  const status = sent.status === undefined ? {} : { status: sent.status };
  return sent.ok ? { ...base, ...status } : { ...base, ...status, why: redact(sent.why) };
}

type Limits = Pick<Posting, 'redact' | 'signal'>;

async function sendSafely(channel: Channel, report: RunReport, limits: Limits): Promise<Sent> {
  try {
    return await send(channel, report, limits);
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

async function send(channel: Channel, report: RunReport, limits: Limits): Promise<Sent> {
  switch (channel.type) {
    case 'slack':
      return await postMessage({ url: channel.url, body: JSON.stringify(slackMessage(report)), ...limits });
    case 'discord':
      return await postMessage({ url: channel.url, body: JSON.stringify(discordMessage(report)), ...limits });
    case 'webhook': {
      const { url, secret } = channel;
      const delivery = deliveryId(report, channel);
      const body = webhookMessage(report, delivery);
      const headers = () => webhookHeaders(body, secret, Math.floor(Date.now() / 1000), delivery);
      return await postMessage({ url, body, headers, ...limits });
    }
    case 'email':
      return await mail(channel, report, limits);
  }
}

async function mail(channel: ChannelOf<'email'>, report: RunReport, limits: Limits): Promise<Sent> {
  const server = mailServer(channel.url);
  if (server === undefined) return { ok: false, why: 'its url says no mail server' };
  const { from, to } = channel;
  // Few have such a channel, and what writes a mail and speaks SMTP is large.
  const [{ mailMessage }, { sendMail }] = await Promise.all([
    import('../../adapters/notify/mail-message.ts'),
    import('../../adapters/notify/send-mail.ts'),
  ]);
  const id = deliveryId(report, channel);
  const message = await mailMessage({ ...mailText(report), from, to, date: report.at, id });
  return await sendMail({ server, from, to, message, ...limits });
}
