// What Slack, Discord and a receiver of Launch's webhooks accept, as JSON Schemas written from their documentation:
// - https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, https://docs.slack.dev/reference/block-kit
//   (blocks: 50 a message; header: plain_text of 150; section: text of 3000, or 10 fields of 2000; context: 10 elements;
//   actions: 25 elements; button: text of 75, url of 3000)
// - https://discord.com/developers/docs/resources/webhook#execute-webhook and
//   https://discord.com/developers/docs/resources/message#embed-object-embed-limits; the 6000 of all texts together are
//   no matter of a schema: `embedSize`
// - docs/notifications.md
import { Ajv } from 'ajv';

const text = (max: number) => ({ type: 'string', minLength: 1, maxLength: max });
const url = { type: 'string', pattern: '^https?://[^\\s<>"]+$', maxLength: 3000 };
const closed = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const plainText = (max: number) =>
  closed({ type: { const: 'plain_text' }, text: text(max), emoji: { type: 'boolean' } }, ['type', 'text']);
const mrkdwn = (max: number) =>
  closed({ type: { const: 'mrkdwn' }, text: text(max), verbatim: { type: 'boolean' } }, ['type', 'text']);
const anyText = (max: number) => ({ oneOf: [plainText(max), mrkdwn(max)] });
const list = (items: unknown, min: number, max: number) => ({
  type: 'array',
  items,
  minItems: min,
  maxItems: max,
});

const button = closed({ type: { const: 'button' }, text: plainText(75), url, action_id: text(255) }, [
  'type',
  'text',
]);

const slack = closed(
  {
    text: text(4000),
    blocks: list(
      {
        oneOf: [
          closed({ type: { const: 'header' }, text: plainText(150) }),
          closed({ type: { const: 'section' }, text: anyText(3000) }),
          closed({ type: { const: 'section' }, fields: list(anyText(2000), 1, 10) }),
          closed({ type: { const: 'context' }, elements: list(anyText(3000), 1, 10) }),
          closed({ type: { const: 'actions' }, elements: list(button, 1, 25) }),
          closed({ type: { const: 'divider' } }),
        ],
      },
      1,
      50,
    ),
    unfurl_links: { type: 'boolean' },
    unfurl_media: { type: 'boolean' },
  },
  ['text', 'blocks'],
);

const embed = closed(
  {
    title: text(256),
    url,
    description: text(4096),
    color: { type: 'integer', minimum: 0, maximum: 0xffffff },
    timestamp: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' },
    fields: list(closed({ name: text(256), value: text(1024), inline: { type: 'boolean' } }), 0, 25),
    footer: closed({ text: text(2048) }),
  },
  [],
);
const discord = closed({
  embeds: list(embed, 1, 10),
  allowed_mentions: closed({ parse: list({ enum: ['roles', 'users', 'everyone'] }, 0, 3) }),
});

const nullable = (type: string, more: Record<string, unknown> = {}) => ({
  anyOf: [{ type, ...more }, { type: 'null' }],
});
const reasons = list(closed({ code: nullable('string'), message: text(2100) }), 0, 3);
const webhook = closed({
  version: { const: 1 },
  event: { const: 'run' },
  delivery: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  sent_at: { type: 'string', pattern: 'Z$' },
  status: { enum: ['success', 'failure', 'partial', 'cancelled'] },
  title: text(10_000),
  repository: nullable('string'),
  ref: nullable('string'),
  commit: nullable('string'),
  actor: nullable('string'),
  run_again_by: nullable('string'),
  run: {
    anyOf: [
      { type: 'null' },
      closed({
        id: { type: 'string' },
        number: nullable('integer'),
        attempt: { type: 'integer', minimum: 1 },
        workflow: nullable('string'),
        event: nullable('string'),
        url: nullable('string'),
      }),
    ],
  },
  duration_ms: nullable('number', { minimum: 0 }),
  services: list(
    closed({
      service: { type: 'string' },
      target: { type: 'string' },
      outcome: { enum: ['deployed', 'taken-back', 'removed', 'failed', 'cancelled'] },
      url: nullable('string'),
      log: nullable('string'),
      duration_ms: nullable('number', { minimum: 0 }),
      reasons,
    }),
    0,
    1000,
  ),
  services_left_out: { type: 'integer', minimum: 0 },
  jobs: list(
    closed({
      job: { type: 'string' },
      outcome: { enum: ['failed', 'cancelled'] },
      log: nullable('string'),
      reasons,
    }),
    0,
    100,
  ),
  facts: { type: 'object', additionalProperties: { type: 'string' } },
  notes: { type: 'array', items: { type: 'string' } },
});

const ajv = new Ajv({ allErrors: true });
const validators = {
  slack: ajv.compile(slack),
  discord: ajv.compile(discord),
  webhook: ajv.compile(webhook),
};

/** What is wrong with a message; empty when that channel would take it. */
export function complaints(channel: keyof typeof validators, message: unknown): string[] {
  const validate = validators[channel];
  validate(message);
  const told = (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  const size = channel === 'discord' ? embedSize(message) : 0;
  return size > 6000 ? [...told, `${size} characters in the embed`] : told;
}

interface Embed {
  readonly title?: string;
  readonly description?: string;
  readonly footer?: { readonly text: string };
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
}

function embedSize(message: unknown): number {
  const { embeds } = message as { readonly embeds: readonly Embed[] };
  const texts = embeds.flatMap(({ title, description, footer, fields }) => [
    title ?? '',
    description ?? '',
    footer?.text ?? '',
    ...(fields ?? []).flatMap(({ name, value }) => [name, value]),
  ]);
  return texts.join('').length;
}
