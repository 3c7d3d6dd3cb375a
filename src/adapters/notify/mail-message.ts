import MimeNode from 'nodemailer/lib/mime-node';
import type { MailText } from '../../core/notify/email.ts';

export interface MailMessage extends MailText {
  /** Plain addresses, as a channel's schema lets them through. */
  readonly from: string;
  readonly to: readonly string[];
  readonly date: Date;
  /** Hexadecimal; the same for a message that is sent again, so that no mailbox has it twice. */
  readonly id: string;
}

/** Headers and body as they go over the wire. The body is text whatever it looks like: it names no file or URL to read it from. */
export async function mailMessage(message: MailMessage): Promise<Buffer> {
  const { from, to, subject, text, html, date, id } = message;
  const root = new MimeNode('multipart/alternative', {
    ...{ baseBoundary: id, textEncoding: 'B', newline: 'win' },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  root.setHeader({
    Date: date,
    From: { name: 'Launch', address: from },
    To: to.map((address) => ({ address })),
    'Message-ID': `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    Subject: subject,
    // RFC 3834: no out-of-office answers.
    'Auto-Submitted': 'auto-generated',
  });
  // In base64 no line can be taken for the boundary, which can be foreseen.
  const part = { 'Content-Transfer-Encoding': 'base64' };
  root.createChild('text/plain; charset=utf-8').setHeader(part).setContent(text);
  root.createChild('text/html; charset=utf-8').setHeader(part).setContent(html);
  return await root.build();
}
