import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { type FakeGitHub, startFakeGitHub } from '../../support/github-api.ts';
import { launch } from '../../support/launch-command.ts';
import { hostileTexts } from '../../support/previews.ts';
import {
  createRepository,
  type Files,
  type Repository,
  removeRepositories,
  temporaryFolder,
} from '../../support/repository.ts';
import { type ActionRun, runAction } from '../../support/run-action.ts';

afterAll(removeRepositories);
const servers: FakeGitHub[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Made at run time, so that no scanner takes it for something real. */
const token = ['s3cr3t', 'Value', '42'].join('-');

const files: Files = {
  'launch.yml': `targets:
  homelab: { runs-on: [self-hosted, homelab], host: 192.0.2.10 }
  aws: { runs-on: [self-hosted, aws] }
shared:
  - { paths: [shared/**], services: [gateway] }
`,
  'shared/proxy.conf': 'one\n',
  'services/db/service.yml': 'target: homelab\nstateful: [db]\nsecrets: [DB_PASSWORD]\n',
  'services/db/compose.yaml':
    'services: { db: { image: "postgres:16", environment: { POSTGRES_PASSWORD: "${DB_PASSWORD}" }, volumes: ["d:/d"] } }\nvolumes: { d: {} }\n',
  'services/web/service.yml':
    'targets: { homelab: {}, aws: { env: { LEVEL: warn }, ports: { web: ["81:80"] } } }\ndepends-on: [db]\nenv: { LEVEL: info }\n',
  'services/web/compose.yaml': `services: { web: { image: "web:1", ports: ["80:80"], environment: { LEVEL: "$LEVEL", API_TOKEN: ${token}-1 } } }\n`,
  'services/gateway/service.yml': 'target: aws\ndepends-on: [web]\n',
  'services/gateway/deploy.sh': { executable: '#!/bin/sh\n' },
  'services/old/service.yml': 'target: homelab\non-delete: stop\n',
  'services/old/compose.yaml': 'services: { old: { image: "old:1" } }\n',
  'services/still/deploy.sh': { executable: '#!/bin/sh\n' },
  'services/still/service.yml': 'target: homelab\n',
};

const changes: Files = {
  'shared/proxy.conf': 'two\n',
  'services/db/compose.yaml': (files['services/db/compose.yaml'] as string).replace(':16', ':17'),
  'services/web/compose.yaml': (files['services/web/compose.yaml'] as string)
    .replace('web:1', 'web:2')
    .replace(`${token}-1`, `${token}-2`),
  'services/old': null,
};

interface PullRequest {
  readonly repository: Repository;
  readonly run: ActionRun;
}

/** Checked out as actions/checkout does it: the merge commit, with its parents. */
function pullRequest(changed: Files, before: Files = files): PullRequest {
  const desk = createRepository();
  const base = desk.commit(before);
  desk.branch('feature');
  const head = desk.commit(changed);
  desk.checkout('main');
  const merge = desk.merge(head);
  const repository = desk.clone({ ref: merge, depth: 2 });
  const event = { number: 1, pull_request: { number: 1, head: { sha: head }, base: { sha: base } } };
  return {
    repository,
    run: { cwd: repository.path, eventName: 'pull_request', event, env: { GITHUB_SHA: merge } },
  };
}

const preview = async ({ run }: PullRequest, inputs: ActionRun['inputs'] = {}, env: ActionRun['env'] = {}) =>
  await runAction('preview', { ...run, inputs, env: { ...run.env, ...env } });

describe('preview', () => {
  it('shows who is deployed where and why, in waves, what goes away and what differs, and no secret', async () => {
    const run = await preview(pullRequest(changes));
    expect(run.exitCode).toBe(0);
    const { comment = '', any } = run.outputs;
    expect(any).toBe('true');
    expect(comment.startsWith('<!-- launch:plan -->\n')).toBe(true);
    expect(Buffer.byteLength(comment)).toBeLessThan(60_000);
    for (const text of [comment, run.summary]) {
      expect(text).toContain('### To deploy: 3 services to 2 targets in 3 waves, 1 deletion (1 taken down)');
      expect(text).toMatch(
        /\| 1 \| <code>db<\/code> \| <code>homelab<\/code> on self-hosted, homelab \| compose \| services\/db\/compose\.yaml changed \|/,
      );
      expect(text).toMatch(
        /\| 2 \| <code>web<\/code> \| <code>aws<\/code> on .*<br><code>homelab<\/code> on .* \| compose \| .*<br>after <code>db<\/code> \|/,
      );
      expect(text).toMatch(
        /\| 3 \| <code>gateway<\/code> \| .* \| script \| the shared path shared.*proxy\.conf changed<br>after <code>web<\/code> \|/,
      );
      expect(text).not.toMatch(/<code>still/);
      expect(text).toContain('s0 --> s1');
      expect(text).toContain('<code>old</code> is taken down on <code>homelab</code>');
      expect(text).toContain('which keeps data, changes from postgres&#58;16 to postgres&#58;17');
      expect(text).toContain('-    image: postgres:16\n+    image: postgres:17');
      expect(text).toContain('POSTGRES_PASSWORD: ${DB_PASSWORD}');
      expect(text).toContain('-      API_TOKEN: "***"\n+      API_TOKEN: "***(changed)"');
      expect(text).toMatch(
        /Configuration of <code>web<\/code> on <code>aws<\/code>[\s\S]*LEVEL: warn[\s\S]*81:80/,
      );
      expect(text).toMatch(
        /Configuration of <code>web<\/code> on <code>homelab<\/code>[\s\S]*LEVEL: info[\s\S]*80:80/,
      );
    }
    expect(`${run.stdout}${run.stderr}${run.summary}${JSON.stringify(run.outputs)}`).not.toContain(token);
    expect(run.stdout).toContain('wave 2: web → aws (compose)');
  });

  it('shows what validation found, and the findings too where the plan can’t be made', async () => {
    const broken = pullRequest({ 'services/web/service.yml': 'target: homelab\nenvv: { A: 1 }\n' });
    const validation = await runAction('validate-service', {
      ...broken.run,
      inputs: { services: 'web', shellcheck: 'off', summary: 'false' },
    });
    expect([validation.exitCode, validation.summary]).toEqual([1, '']);
    const run = await preview(broken, { report: validation.outputs['report'] });
    // Validation has failed the job already, at the line.
    expect([run.exitCode, run.annotations]).toEqual([0, []]);
    expect(run.summary).toContain("What merging does can't be told (`CONFIG_INVALID`)");
    expect(run.summary).toMatch(/❌ .*envv.*<code>services\/web\/service\.yml&#58;2/);
    expect(run.summary).toContain('<code>unknown-key</code>');
    expect(run.outputs['comment']).toContain('<code>unknown-key</code>');
    expect(run.outputs['workers']).toBe('{"include":[]}');

    const alone = await preview(broken);
    expect(alone.exitCode).toBe(1);
    expect(alone.annotations).toEqual([expect.objectContaining({ level: 'error', title: 'CONFIG_INVALID' })]);
    expect(alone.outputs['comment']).toContain('CONFIG_INVALID');
  });

  it('is there when nothing of a service changed, and when a launch.yml is no YAML', async () => {
    const nothing = await preview(pullRequest({ 'README.md': 'x\n' }));
    expect([nothing.exitCode, nothing.outputs['any']]).toEqual([0, 'false']);
    expect(nothing.outputs['comment']).toContain('### Nothing to deploy');
    const broken = await preview(pullRequest({ 'launch.yml': 'targets: [\n' }));
    expect([broken.exitCode, broken.outputs['any']]).toEqual([1, 'true']);
    expect(broken.summary).toContain('not valid YAML');
  });

  it('goes on without a report that can’t be read', async () => {
    const pull = pullRequest(changes);
    const file = join(temporaryFolder(), 'report.json');
    for (const text of ['{', '{"problems": 7}', '[]']) {
      writeFileSync(file, text);
      const run = await preview(pull, { report: file });
      expect(run.exitCode).toBe(0);
      expect(run.annotations).toEqual([expect.objectContaining({ level: 'warning' })]);
      expect(run.outputs['comment']).toContain('To deploy: 3 services');
    }
  });

  it('asks whether runners are online only with a token, and fails for none', async () => {
    const pull = pullRequest(changes);
    const without = await preview(pull, { 'check-runners': 'warn' });
    expect(without.annotations).toEqual([]);
    expect(without.summary).toContain('_Whether runners are online is not known: no token is given');

    const api = await startFakeGitHub('runners-token');
    servers.push(api);
    const runner = (name: string, status: string) => ({
      name,
      status,
      busy: false,
      labels: ['self-hosted', name].map((label) => ({ name: label })),
    });
    api.on('GET /repos/octo/shop/actions/runners', () => ({
      body: { total_count: 2, runners: [runner('homelab', 'online'), runner('aws', 'offline')] },
    }));
    api.on('GET /orgs/octo/actions/runners', () => ({ status: 404, body: { message: 'Not Found' } }));
    const inputs = { 'check-runners': 'warn', token: 'runners-token' };
    const seen = await preview(pull, inputs, { GITHUB_API_URL: api.url });
    expect(seen.exitCode).toBe(0);
    expect(seen.summary).toContain('<code>homelab</code> on 🟢 self-hosted, homelab');
    expect(seen.summary).toContain('<code>aws</code> on 🔴 self-hosted, aws');
    expect(seen.summary).toContain('of aws, aws, is offline');
    expect(`${seen.stdout}${seen.summary}`).not.toContain('runners-token');

    const down = await preview(pull, inputs);
    expect(down.exitCode).toBe(0);
    expect(down.summary).toContain('_Whether runners are online is not known');
  });

  it('lets no name, value or key of the pull request come alive', async () => {
    const nasty = hostileTexts.filter((text) => !/[\u0000\ud800]/.test(text));
    const pull = pullRequest({
      ...Object.fromEntries(
        nasty.map((text, index) => [`services/web/${index}-${text.replaceAll('/', '_')}`, 'x\n']),
      ),
      'services/web/compose.yaml': `services:\n  web:\n    image: web:2\n    labels:\n${nasty
        .map((text, index) => `      ${JSON.stringify(`k${index} ${text}`)}: ${JSON.stringify(text)}\n`)
        .join('')}`,
    });
    const run = await preview(pull);
    expect(run.exitCode).toBe(0);
    for (const text of [run.summary, run.outputs['comment'] ?? '']) {
      const outside = text
        .replace(/^(`{3,})[\s\S]*?^\1$/gm, '')
        .replace('<!-- launch:plan -->', '')
        .replace(/<code>[^<>]*<\/code>/g, '')
        .replace(/<\/?(?:details|summary|br)>/g, '');
      expect(outside).not.toMatch(/[<>]|https?:\/\/|www\.|@\w|(?<!&)#\d/);
      expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u00ad]/);
      expect(text).toContain('+      ');
    }
    expect(run.commands.filter(({ name }) => !['group', 'endgroup', 'debug'].includes(name))).toEqual([]);
    expect(run.stdout).not.toMatch(/##\[error\]/);
  });
});

describe('launch plan', () => {
  const at = (pull: PullRequest, ...args: readonly string[]) =>
    launch(['plan', '--base', 'HEAD^1', ...args], { cwd: pull.repository.path });

  it('tells the same at a terminal, as JSON and as Markdown', async () => {
    const pull = pullRequest(changes);
    const [text, json, markdown] = await Promise.all([
      at(pull, '--diff'),
      at(pull, '--json', '--diff', '--check-runners'),
      at(pull, '--markdown'),
    ]);
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toMatch(
      /^To deploy: 3 services to 2 targets in 3 waves, 1 deletion \(1 taken down\)$/m,
    );
    expect(text.stdout).toMatch(
      /^! db: The image of "db", which keeps data, changes from postgres:16 to postgres:17\.$/m,
    );
    expect(text.stdout).toMatch(
      /^3 +gateway +aws +script +self-hosted, aws .*proxy\.conf changed; after web$/m,
    );
    expect(text.stdout).toMatch(/^Deleted: old on homelab \(compose\): what runs there is taken down$/m);
    expect(text.stdout).toMatch(/^web on homelab$[\s\S]*^- {4}image: web:1\n\+ {4}image: web:2$/m);
    expect(json.json()).toMatchObject({
      deleted: ['old'],
      removals: [{ service: 'old', target: 'homelab', driver: 'compose', 'on-delete': 'stop' }],
      waves: [['db'], ['web'], ['gateway']],
      runners: null,
      changes: [{ service: 'db', targets: ['homelab'] }, { service: 'web' }, { service: 'web' }],
    });
    expect(markdown.stdout).toMatch(/^### To deploy: 3 services/);
    for (const { stdout } of [text, json, markdown]) expect(stdout).not.toContain(token);
  });

  it('prints what is wrong as Markdown, too, and fails', async () => {
    const { exitCode, stdout, stderr } = await at(
      pullRequest({ 'services/web/service.yml': 'envv: {}\n' }),
      '--markdown',
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain("What merging does can't be told");
    expect(stderr).toContain('CONFIG_INVALID');
  });
});
