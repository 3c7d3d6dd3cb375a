import { describe, expect, it } from '@jest/globals';
import { mailMessage } from '../../../../src/adapters/notify/mail-message.ts';
import { nasty } from '../../../support/run-reports.ts';

describe('a mail', () => {
  const message = async (more: object = {}): Promise<string> => {
    const bytes = await mailMessage({
      ...{
        from: 'launch@example.org',
        to: ['ops@example.org', 'dev@example.org'],
        subject: 'Ünïcode 😀'.repeat(9),
      },
      ...{ text: 'text\n.\n', html: '<p>html</p>', date: new Date(0), id: 'abc123', ...more },
    });
    return bytes.toString();
  };

  it('has its headers, and both of its parts', async () => {
    const [head = '', ...parts] = (await message()).split('----_NmP-abc123-Part_1');
    expect(head).toContain('Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nFrom: Launch <launch@example.org>\r\n');
    expect(head).toContain('To: ops@example.org, dev@example.org\r\n');
    expect(head).toContain('Message-ID: <abc123@example.org>\r\n');
    expect(head).toContain('Content-Type: multipart/alternative; boundary="--_NmP-abc123-Part_1"\r\n');
    expect(parts.map((part) => part.match(/Content-Type: (\S+);/)?.[1])).toEqual([
      'text/plain',
      'text/html',
      undefined,
    ]);
    const bodies = parts.map((part) => Buffer.from(part.split('\r\n\r\n')[1] ?? '', 'base64').toString());
    expect(bodies.slice(0, 2)).toEqual(['text\n.\n', '<p>html</p>']);
  });

  it('has a subject of whole characters', async () => {
    const subject = (await message()).match(/^Subject: (.*(?:\r\n .*)*)/m)?.[1] ?? '';
    const words = subject.split('\r\n ');
    for (const word of words) expect(word).toMatch(/^=\?UTF-8\?B\?[A-Za-z0-9+/=]+\?=$/);
    expect(Math.max(...words.map((word) => word.length))).toBeLessThanOrEqual(75);
    const decoded = words.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString());
    expect(decoded.join('')).toBe('Ünïcode 😀'.repeat(9));
  });

  it('has no header, line or end that a text brings along', async () => {
    const text = `${nasty}\r\n----_NmP-abc123-Part_1--`;
    const lines = (await message({ subject: nasty, text, html: nasty })).split('\r\n');
    expect(lines.filter((line) => /^(bcc|to|from|\.)/i.test(line))).toEqual([
      'From: Launch <launch@example.org>',
      'To: ops@example.org, dev@example.org',
    ]);
    expect(lines.filter((line) => line.startsWith('--'))).toHaveLength(3);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(79);
    const wrong = (await message({ from: 'a@b.c\r\nBcc: x@y.z' })).split('\r\n');
    expect(wrong.filter((line) => /^bcc/i.test(line))).toEqual([]);
  });
});
