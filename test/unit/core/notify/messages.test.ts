import { describe, expect, it } from '@jest/globals';
import { discordMessage } from '../../../../src/core/notify/discord.ts';
import { mailText } from '../../../../src/core/notify/email.ts';
import type { RunReport } from '../../../../src/core/notify/run-report.ts';
import { slackMessage } from '../../../../src/core/notify/slack.ts';
import { webhookMessage } from '../../../../src/core/notify/webhook.ts';
import { complaints } from '../../../support/channel-schemas.ts';
import { largeReport, nastyReport, report, service } from '../../../support/run-reports.ts';

const id = '0123456789abcdef0123456789abcdef';
const bare: RunReport = {
  ...{ title: 'Build', status: 'success', services: [], jobs: [], facts: [], notes: [] },
  at: new Date(0),
};
const runs: readonly (readonly [string, RunReport])[] = [
  ['a usual run', report()],
  ['one of which nothing is known', bare],
  ['600 services', largeReport()],
  ['2000 services', report({ services: Array.from({ length: 2000 }, () => service()) })],
  [
    '40 failed jobs',
    report({ jobs: Array(40).fill({ job: 'x'.repeat(400), outcome: 'failed', reasons: [] }) }),
  ],
  [
    'many facts',
    report({ facts: Array.from({ length: 60 }, (_, n) => ({ name: `n${n}`, value: 'v'.repeat(999) })) }),
  ],
  ['hostile texts', nastyReport()],
  ['empty texts', report({ repository: '', actor: '', services: [service({ service: '', target: '' })] })],
];

/** The texts of a message, wherever they are. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe.each(runs)('%s', (_name, run) => {
  it('is taken by Slack', () => expect(complaints('slack', slackMessage(run))).toEqual([]));
  it('is taken by Discord', () => expect(complaints('discord', discordMessage(run))).toEqual([]));
  it('is what receivers of a webhook are promised', () => {
    expect(complaints('webhook', JSON.parse(webhookMessage(run, id)))).toEqual([]);
  });
  it('fits a mail', () => {
    const { subject, text, html } = mailText(run);
    expect(subject).toMatch(/^\P{Cc}{1,200}$/u);
    expect(text.length + html.length).toBeLessThan(200_000);
  });
});

it('the schemas refuse what the channels refuse', () => {
  expect(complaints('slack', { text: 'x', blocks: [{ type: 'section' }] })).not.toEqual([]);
  const long = { embeds: [{ description: 'x'.repeat(4000), footer: { text: 'x'.repeat(2040) } }] };
  expect(complaints('discord', { ...long, allowed_mentions: { parse: [] } })).toEqual([
    '6040 characters in the embed',
  ]);
});

describe('of 600 services', () => {
  it('the bad ones are shown, and how many are not', () => {
    for (const message of [slackMessage(largeReport()), discordMessage(largeReport())]) {
      const all = textsIn(message).join('\n');
      expect(all).toContain('service-with-a-rather-long-name-0');
      expect(all).toMatch(/… and 5[678]\d more/);
    }
    expect(textsIn(slackMessage(largeReport())).join('\n')).toContain('… and 560 more');
    expect(mailText(largeReport()).text).toContain('… and 560 more');
    expect(mailText(largeReport()).html).toContain('<li>… and 560 more</li>');
  });
});

describe('a usual run', () => {
  it('says in Slack what, where, who, how long, why, and where the run is', () => {
    const message = slackMessage(report());
    expect(message).toMatchObject({
      text: '⚠️ Deploy failed in part · octo/shop · 1 deployed, 1 failed, on 2 targets.',
      blocks: [
        { text: { text: '⚠️ Deploy failed in part' } },
        { text: { text: '1 deployed, 1 failed, on 2 targets.' } },
        { fields: expect.arrayContaining([expect.objectContaining({ text: '*By*\noctocat' })]) },
        {},
        {},
        { elements: [{ url: 'https://github.com/octo/shop/actions/runs/7/attempts/1' }] },
      ],
    });
    const all = textsIn(message).join('\n');
    expect(all).toContain('|api → aws>: failed, 42 s');
    expect(all).toContain('> `HEALTH_FAILED` http://127.0.0.1:3080/health answered 503 for 120 s.');
    expect(all).toContain('*Took*\n95 s');
    expect(all).toContain('|1f3a9c2>');
  });

  it('says the same in Discord and in a mail', () => {
    const discord = textsIn(discordMessage(report())).join('\n');
    expect(discord).toContain(
      '[api → aws](https://github.com/octo/shop/actions/runs/7/attempts/1/job/1): failed',
    );
    expect(discord).toContain('`HEALTH_FAILED` http\\://127.0.0.1\\:3080/health answered 503');
    const { subject, text } = mailText(report());
    expect(subject).toBe('[octo/shop] ⚠️ Deploy failed in part');
    expect(text).toContain(
      '- api on aws: failed, 42 s\n    HEALTH_FAILED: http://127.0.0.1:3080/health answered',
    );
    expect(text).toContain('By: octocat\nTook: 95 s');
    expect(text).toContain('The run: https://github.com/octo/shop/actions/runs/7/attempts/1');
  });

  it('tells a single service in a sentence, and a second attempt', () => {
    const again = { ...report().run, id: '7', attempt: 2 };
    const { text } = mailText(
      report({ status: 'success', services: [service()], run: again, againBy: 'hubot' }),
    );
    expect(text).toContain('✅ Deploy succeeded (attempt 2)\n\nchat on homelab: deployed.');
    expect(text).toContain('By: octocat, again by hubot');
  });
});

describe('hostile texts', () => {
  it('mention nobody in Slack, and are no links or marks', () => {
    const all = textsIn(slackMessage(nastyReport()));
    const marked = all.filter((text) => !text.startsWith('⚠️')).join('\n');
    expect(marked).not.toMatch(/<[!@#]/);
    expect(marked.match(/<[^>]*>/g)?.filter((it) => !/^<https:\/\/github\.com\//.test(it))).toEqual([]);
    expect(marked).not.toContain('*b*');
    expect(JSON.stringify(slackMessage(nastyReport()))).not.toContain('javascript:alert(1)"');
    for (const block of JSON.stringify(slackMessage(nastyReport())).match(/\{"type":"mrkdwn"[^}]*\}/g) ??
      []) {
      expect(block).toContain('"verbatim":true');
    }
  });

  it('are text in Discord', () => {
    const message = discordMessage(nastyReport());
    expect(message).toMatchObject({ allowed_mentions: { parse: [] } });
    const { embeds } = message as {
      embeds: { footer: unknown; title: string; description: string; fields: unknown }[];
    };
    const { title, description, fields } = embeds[0] ?? { title: '', description: '', fields: [] };
    const marked = textsIn([title, description, fields]).join('\n');
    expect(marked).not.toMatch(/(?<!\\)<|(?<!\\)@|https:\/\/evil|(?<!\\)\*b/);
    expect(marked).not.toMatch(/(?<!\\)\]\((?!https:\/\/github\.com\/)/);
  });

  it('are text in the HTML of a mail, and no header in its subject', () => {
    const { html, subject } = mailText(nastyReport());
    expect(html).not.toContain('<script');
    expect(
      html.match(/<[a-z]+ [^>]*>/g)?.every((tag) => /^<a href="https:\/\/github\.com\/[^"]*">$/.test(tag)),
    ).toBe(true);
    expect(subject).not.toMatch(/[\r\n]/);
  });

  it('show nothing that is out of sight, and no half characters', () => {
    const all = textsIn([
      slackMessage(nastyReport()),
      discordMessage(nastyReport()),
      mailText(nastyReport()),
    ]);
    for (const text of all) {
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toMatch(/[\u202e\u200b\u0000]/);
    }
  });
});
