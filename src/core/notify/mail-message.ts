import type { MailText } from './email.ts';

export interface MailMessage extends MailText {
  /** Plain addresses, as a channel's schema lets them through. */
  readonly from: string;
  readonly to: readonly string[];
  readonly date: Date;
  /** Hexadecimal; the same for a message that is sent again, so that no mailbox has it twice. */
  readonly id: string;
}

const lineEnd = '\r\n';

/**
 * A message as RFC 5322 and MIME have it: plain text and HTML, each in base64, so that no line is too long, begins with a dot,
 * or can be taken for a header or for the boundary.
 */
export function mailMessage(message: MailMessage): string {
  const { from, to, subject, text, html, date, id } = message;
  const boundary = `launch-${id}`;
  const part = (type: string, content: string) => [
    `--${boundary}`,
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
  ];
  return [
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    `From: Launch <${header(from)}>`,
    `To: ${to.map(header).join(`,${lineEnd} `)}`,
    `Message-ID: <${id}@${header(from.slice(from.lastIndexOf('@') + 1))}>`,
    `Subject: ${encodedWords(subject)}`,
    // RFC 3834: no out-of-office answers.
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    ...part('text/plain', text),
    ...part('text/html', html),
    `--${boundary}--`,
    '',
  ].join(lineEnd);
}

/** Addresses are checked where they come in; here nothing goes through that could end a header. */
function header(value: string): string {
  if (/^[\u0021-\u007e]+$/.test(value)) return value;
  throw new TypeError('not fit for a header');
}

/** RFC 2047: at most 76 characters in a line, and no character is divided between two. */
function encodedWords(text: string): string {
  const chunks: string[] = [];
  for (const character of text) {
    const last = chunks.at(-1);
    if (last !== undefined && Buffer.byteLength(last + character) <= 39)
      chunks[chunks.length - 1] = last + character;
    else chunks.push(character);
  }
  return chunks.map((it) => `=?UTF-8?B?${Buffer.from(it).toString('base64')}?=`).join(`${lineEnd} `);
}
