import { describe, expect, it } from '@jest/globals';
import { mailServer } from '../../../../src/core/notify/channel.ts';
import { readChannels } from '../../../../src/core/notify/read-channels.ts';

const slack = 'https://hooks.slack.com/services/T0/B0/abcdefghijklmnopqrstuvwx';
const one = (entry: string) => readChannels(`- ${entry}`);
const refusal = (entry: string) => one(entry).refused[0]?.why;

describe('channels', () => {
  it('are read from YAML, with a name and a wish of their own', () => {
    const read = readChannels(`
- {type: slack, url: "${slack}"}
- {type: discord, name: Team, on: failure, url: https://discord.com/api/webhooks/1/abc}
- {type: webhook, url: http://127.0.0.1:80/x, secret: 0123456789abcdef}
- {type: email, url: "smtps://user:p%40ss@smtp.example.org", from: launch@example.org, to: ops@example.org}
`);
    expect(read.refused).toEqual([]);
    expect(read.channels).toMatchObject([
      { type: 'slack', name: 'slack #1', on: 'always' },
      { type: 'discord', name: 'Team', on: 'failure' },
      { type: 'webhook', name: 'webhook #3' },
      { type: 'email', name: 'email #4', to: ['ops@example.org'] },
    ]);
  });

  it('are read from JSON', () => {
    expect(readChannels(JSON.stringify([{ type: 'slack', url: slack }])).channels).toHaveLength(1);
  });

  it.each(['', '  \n', '# nothing yet', '[]'])('may be none: %j', (text) => {
    expect(readChannels(text)).toMatchObject({ channels: [], refused: [] });
  });

  it('that are wrong do not hold up the others', () => {
    const read = readChannels(`[{type: slak, url: x}, {type: slack, url: "${slack}"}, 7]`);
    expect(read.channels).toHaveLength(1);
    expect(read.refused).toEqual([
      { position: 1, type: 'channel', why: '"type" is none that is known. Did you mean "slack"?' },
      { position: 3, type: 'channel', why: 'It is no map with a "type" and a "url".' },
    ]);
  });

  it.each([
    ['{type: slack}', '"url" must be text.'],
    ['{type: slack, url: http://hooks.slack.com/x}', '"url" has to be an https:// URL'],
    ['{type: slack, url: https://a:b@hooks.slack.com/x}', 'without a user or password'],
    ['{type: slack, url: "file:///etc/passwd"}', '"url" has to be an https:// URL'],
    [`{type: slack, url: "${slack}", on: never}`, '"on" must be "always" or "failure"'],
    [`{type: slack, Url: "${slack}", url: "${slack}"}`, 'Unknown key "Url". Did you mean "url"?'],
    ['{type: webhook, url: https://a.example}', '"secret" must be text.'],
    ['{type: webhook, url: https://a.example, secret: short}', '"secret" has to have 16 characters'],
    ['{type: email, url: https://smtp.example.org, from: a@b.c, to: d@e.f}', '"url" has to be smtps://'],
    ['{type: email, url: smtp://u:p/w@smtp.example.org, from: a@b.c, to: d@e.f}', '%2F'],
    [
      '{type: email, url: smtp://smtp.example.org, from: "a@b.c\\r\\nBcc: x@y.z", to: d@e.f}',
      '"from" has to be a plain',
    ],
    ['{type: email, url: smtp://smtp.example.org, from: a@b.c, to: ["d@e.f", "<x> y@z"]}', '"to'],
    ['{type: email, url: smtp://smtp.example.org, from: a@b.c, to: []}', '"to"'],
  ])('%s is refused by its field', (entry, told) => {
    expect(refusal(entry)).toContain(told);
    expect(one(entry).refused[0]?.position).toBe(1);
  });

  it('that are no list are refused as a whole', () => {
    expect(readChannels(slack).refused[0]?.why).toContain('is no list');
    expect(readChannels(`type: slack\nurl: ${slack}`).refused[0]?.why).toContain('is no list');
    expect(readChannels('- {type: slack').refused[0]?.why).toBe('The text is neither YAML nor JSON.');
  });

  it('tell nothing of an address in what is wrong with them, not even when it became a key', () => {
    for (const text of [
      `- {type: slack, ${slack}}`,
      `- {type: slack, url: "${slack} x"}`,
      `- ["${slack}"]`,
      `- {type: "${slack}"}`,
      `- {type: slack, url: ${slack}, token: "${slack}"}`,
      `{type: slack, url: "${slack}"`,
    ]) {
      const { refused, channels } = readChannels(text);
      expect(channels).toEqual([]);
      expect(refused).toHaveLength(1);
      expect(JSON.stringify(refused)).not.toMatch(/hooks\.slack|abcdefgh/);
    }
  });
});

describe('what is masked', () => {
  it('are addresses, their long parts, passwords and secrets, and no word that a log needs', () => {
    const { secrets } = readChannels(`
- {type: slack, url: "${slack}"}
- {type: webhook, url: "https://a.example/hooks?token=tiptoptap&x=1", secret: 0123456789abcdef, name: Team}
- {type: email, url: "smtps://mailer:p%40ss%2Fw@smtp.example.org:465", from: launch@example.org, to: [ops@example.org]}
`);
    expect(secrets).toEqual(
      expect.arrayContaining([
        slack,
        '/services/T0/B0/abcdefghijklmnopqrstuvwx',
        'abcdefghijklmnopqrstuvwx',
        'tiptoptap',
        '0123456789abcdef',
        'p%40ss%2Fw',
        'p@ss/w',
        // The login as AUTH PLAIN sends it, which a server may quote.
        Buffer.from('\0mailer\0p@ss/w').toString('base64'),
        'mailer',
      ]),
    );
    for (const word of ['services', 'slack', 'Team', 'ops@example.org', 'a.example', 'hooks', 'T0', '1']) {
      expect(secrets).not.toContain(word);
    }
  });

  it('is all of a text that can’t be read', () => {
    expect(readChannels('{{ my-token').secrets).toEqual(['{{ my-token']);
  });

  it('are texts of entries that are wrong, and keys that are no words', () => {
    expect(readChannels(`- {kind: slack, link: "${slack}"}`).secrets).toContain(slack);
    expect(readChannels(`- {"${slack}": }`).secrets).toContain(slack);
  });
});

describe('a mail server', () => {
  it.each([
    ['smtps://smtp.example.org', { port: 465, isSecure: true, isLoopback: false }],
    ['smtp://smtp.example.org', { port: 587, isSecure: false }],
    ['smtp://localhost:2525', { host: 'localhost', port: 2525, isLoopback: true }],
    ['smtp://[::1]:25/', { host: '::1', isLoopback: true }],
    ['smtps://u%40x:p%3A@h.example', { login: { user: 'u@x', password: 'p:' } }],
  ])('%s', (url, server) => expect(mailServer(url)).toMatchObject(server));

  it.each([
    'smtps://u@h.example',
    'smtps://:p@h.example',
    'smtps://h.example/x',
    'smtps://u:%zz@h.example',
    'smtp://',
  ])('%s is none', (url) => expect(mailServer(url)).toBeUndefined());
});
