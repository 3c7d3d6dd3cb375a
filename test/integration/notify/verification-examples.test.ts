// What docs/notifications.md tells receivers to do works.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { webhookHeaders, webhookMessage } from '../../../src/core/notify/webhook.ts';
import { complaints } from '../../support/channel-schemas.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { nastyReport } from '../../support/run-reports.ts';
import { ROOT } from '../../support/source-tree.ts';

afterAll(removeRepositories);

const docs = readFileSync(join(ROOT, 'docs/notifications.md'), 'utf8');
const example = (mark: string) =>
  docs
    .split(`<!-- verify:${mark} -->`)[1]
    ?.split('```')[1]
    ?.replace(/^\w+\n/, '') ?? '';
const secret = 'a signing secret "of" $length';
const body = webhookMessage(nastyReport(), '0'.repeat(32));
const now = Math.floor(Date.now() / 1000);
const signed = (timestamp: number) => webhookHeaders(body, secret, timestamp, '0'.repeat(32));

type Case = readonly [name: string, headers: Readonly<Record<string, string>>, text: string, isGood: boolean];
const cases: readonly Case[] = [
  ['as it was sent', signed(now), body, true],
  ['another text', signed(now), `${body} `, false],
  ['another time', { ...signed(now), 'x-launch-timestamp': String(now + 1) }, body, false],
  ['an old message', signed(now - 1000), body, false],
  ['one without a signature', { ...signed(now), 'x-launch-signature-256': '' }, body, false],
];

describe.each(cases)('%s', (_name, headers, text, isGood) => {
  it('in Node', async () => {
    const file = join(temporaryFolder(), 'verify.mjs');
    const given = JSON.stringify([headers, text, secret]);
    writeFileSync(file, `${example('node')}\nprocess.exitCode = isFromLaunch(...${given}) ? 0 : 1;\n`);
    expect(spawnSync(process.execPath, [file]).status).toBe(isGood ? 0 : 1);
  });

  it('in Bash', () => {
    const env = {
      ...{ PATH: process.env['PATH'], SECRET: secret, TIMESTAMP: headers['x-launch-timestamp'] },
      SIGNATURE: headers['x-launch-signature-256'],
    };
    const { status } = spawnSync('bash', ['-c', example('bash')], { env, input: text });
    expect(status).toBe(isGood ? 0 : 1);
  });
});

it('the example of a message is one', () => {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(docs) ?? [];
  expect(complaints('webhook', JSON.parse(json))).toEqual([]);
});
