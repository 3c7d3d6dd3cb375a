import { describe, expect, it } from '@jest/globals';
import { LaunchError } from '../../../../src/core/errors.ts';
import { commentMedium, fitMarkdown, summaryMedium } from '../../../../src/core/preview/fit-markdown.ts';
import type { Preview } from '../../../../src/core/preview/preview.ts';
import type { Problem } from '../../../../src/core/problem.ts';
import { buildReport } from '../../../../src/core/validation/report.ts';
import { detectionOf, hostileTexts, manyEntries, planEntry, previewOf } from '../../../support/previews.ts';

const comment = (preview: Preview) => fitMarkdown(preview, commentMedium);
const summary = (preview: Preview) => fitMarkdown(preview, summaryMedium);

const change = (service: string, diff: string, more = {}) => ({
  service,
  targets: ['homelab'],
  isNew: false,
  stateful: [],
  diff,
  ...more,
});

const problem = (rule: string, more: Partial<Problem> = {}): Problem => ({
  rule,
  severity: 'error',
  message: `A message of ${rule}.`,
  remedy: 'Mend it.',
  place: { file: 'services/web/compose.yaml', line: 3 },
  service: 'web',
  ...more,
});

const reportOf = (problems: readonly Problem[]) =>
  buildReport({ failOn: 'error', services: [{ name: 'web', path: 'services/web' }], problems, notes: [] });

/** What a reader of Markdown needs: fences, parts to unfold and tables that are whole. */
function assertWhole(markdown: string): void {
  const outside: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    const mark = /^(`{3,})/.exec(line)?.[1];
    if (fence === undefined) {
      if (mark === undefined) outside.push(line);
      else fence = mark;
    } else if (line === fence) fence = undefined;
  }
  expect(fence).toBeUndefined();
  const text = outside.join('\n');
  expect(text.split('<details>').length).toBe(text.split('</details>').length);
  const rows = outside.filter((line) => line.startsWith('|'));
  for (const row of rows) expect(row).toMatch(/ \|$/);
  expect(Buffer.from(markdown).toString()).toBe(markdown);
}

describe('a comment', () => {
  it('says of a small change who goes where and why, on one screen', () => {
    const preview = previewOf(
      [planEntry('db'), planEntry('web', 'aws', { wave: 2, reasons: ['services/web/a.txt changed'] })],
      {
        dependencies: [
          { name: 'db', dependsOn: [], file: '' },
          { name: 'web', dependsOn: ['db'], file: '' },
        ],
        report: reportOf([problem('duplicate-port'), problem('unused-secret', { severity: 'warning' })]),
        compose: {
          changes: [
            change('web', '@@ -1 +1 @@\n-image: a\n+image: b', { stateful: ['The volume "x" is gone.'] }),
          ],
          unread: [],
          uncompared: 0,
        },
      },
    );
    const text = comment(preview);
    const [marker, , heading] = text.split('\n');
    expect(marker).toBe('<!-- launch:plan -->');
    expect(heading).toBe('### To deploy: 2 services to 2 targets in 2 waves, 1 error, 1 warning');
    expect(text).toContain(
      '| 2 | <code>web</code> | <code>aws</code> on self-hosted, aws | compose | services/web/a.txt changed<br>after <code>db</code> |',
    );
    expect(text).toContain(
      '- ❌ Ports: 1 error\n- ⚠️ Secrets: 1 warning\n- ✅ Everything else: nothing found',
    );
    expect(text).toContain('- ⚠️ <code>web</code>: The volume "x" is gone.');
    expect(text).toContain('Configuration of <code>web</code> on <code>homelab</code> (+1 −1)');
    expect(text).not.toContain('Left out');
    expect(text.split('\n').length).toBeLessThan(70);
    assertWhole(text);
  });

  it('says so when nothing is deployed, and what was deleted all the same', () => {
    const removals = [
      { service: 'old', target: { name: 'aws', runsOn: 'aws' }, driver: 'compose', onDelete: 'stop' },
      { service: 'left', target: { name: 'aws', runsOn: 'aws' }, driver: 'script', onDelete: 'report' },
    ] as const;
    const text = comment(
      previewOf([], { removals, detection: detectionOf([], { deleted: ['old', 'left', 'lost'] }) }),
    );
    expect(text).toContain('### Nothing to deploy, 3 deletions (1 taken down)');
    expect(text).toContain('- ⛔ <code>old</code>: taken down on aws; the data is kept.');
    expect(text).toContain('<code>left</code> on <code>aws</code>: what it left running stays');
    expect(text).toContain('<code>lost</code>: what it left running, if any, stays as it is.');
    expect(comment(previewOf([]))).toContain('### Nothing to deploy\n');
  });

  it('says what is wrong where there is no plan', () => {
    const fault = new LaunchError('CONFIG_INVALID', 'The key "targett" is not known.', {
      place: { file: 'services/web/service.yml', line: 2 },
      remedy: 'Did you mean "target"?',
    });
    const text = comment({ ...previewOf([], { fault }), detection: undefined });
    expect(text).toContain("### What merging does can't be told (`CONFIG_INVALID`)");
    expect(text).toContain(
      '❌ The key "targett" is not known. (<code>services/web/service.yml&#58;2</code>)',
    );
  });

  it('tells what is known of runners, in one line where nothing is', () => {
    const entries = [planEntry('web', 'homelab'), planEntry('api', 'aws'), planEntry('edge', 'edge')];
    const matches = new Map([
      ['homelab', { kind: 'online', runners: ['box'], busy: false } as const],
      ['aws', { kind: 'offline', runners: ['ec2'] } as const],
      ['edge', { kind: 'none', labels: ['self-hosted', 'edge'] } as const],
    ]);
    const seen = comment(previewOf(entries, { runners: { kind: 'seen', matches } }));
    expect(seen).toContain('<code>homelab</code> on 🟢 self-hosted, homelab');
    expect(seen).toContain('- 🔴 <code>api</code>: would wait&#58; the runner of aws, ec2, is offline.');
    expect(seen).toContain('would wait&#58; no runner has all labels of edge&#58; self-hosted, edge.');
    const unknown = comment(previewOf(entries, { runners: { kind: 'unknown', why: 'no token is given.' } }));
    expect(unknown).toContain('_Whether runners are online is not known: no token is given._');
  });

  it.each(hostileTexts)('shows %j as the text that it is', (hostile) => {
    const entry = planEntry('web', 'homelab', {
      reasons: [hostile],
      target: { name: 'homelab', runsOn: { group: hostile, labels: [hostile] } },
      frozen: { freeze: { reason: hostile, at: hostile, by: hostile, held: [] }, verdict: 'held' },
    });
    const text = comment(
      previewOf([entry], {
        detection: detectionOf([entry], {
          baseTitle: hostile,
          warnings: [hostile],
          reasons: { web: [{ kind: 'files', text: hostile, files: [hostile, hostile], count: 2 }] },
        }),
        notes: [hostile],
        unreadable: [{ service: 'old', why: hostile }],
        report: reportOf([
          problem('unknown-key', { message: hostile, remedy: hostile, place: { file: hostile } }),
        ]),
        runners: { kind: 'unknown', why: hostile },
        compose: {
          changes: [change('web', ` ${hostile}\n+${hostile}`, { stateful: [hostile] })],
          unread: [{ service: 'api', why: hostile }],
          uncompared: 0,
        },
      }),
    );
    assertWhole(text);
    const outside = text
      .replace(/^(`{3,})[\s\S]*?^\1$/gm, '')
      .replace(/<!-- launch:plan -->\n/, '')
      // In code GitHub looks for no names, numbers and addresses.
      .replace(/<code>[^<>]*<\/code>/g, '')
      .replace(/<\/?(?:details|summary|br)>/g, '')
      .replace(/^> /gm, '');
    expect(outside).not.toMatch(/[<>]/);
    expect(outside).not.toMatch(/\]\(|https?:\/\/|www\.|@\w|(?<!&)#\d|&#(?:64|35);\w/);
    expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u00ad\u0000\u001b]/);
    expect(text).not.toMatch(/^\s*::|##\[/m);
  });
});

describe('600 services on 40 targets', () => {
  const entries = manyEntries(600);
  const diff = Array.from({ length: 80 }, (_, index) => `+line ${index} é😀`).join('\n');
  const preview = previewOf(entries, {
    compose: {
      changes: entries.slice(0, 30).map(({ service }) => change(service, diff)),
      unread: [],
      uncompared: 570,
    },
    report: reportOf(
      Array.from({ length: 900 }, (_, index) =>
        problem('duplicate-port', { place: { file: `services/x/${index}`, line: index } }),
      ),
    ),
  });

  it('fit a comment that names every service, and say what is left out', () => {
    const text = comment(preview);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000);
    for (const { service } of entries) expect(text).toContain(service);
    expect(text).toMatch(/_Left out here for its length: .*configuration.* See the summary of the run\._\n$/);
    assertWhole(text);
  });

  it('fit a summary with a row for each', () => {
    const text = summary(preview);
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    for (const { service } of entries) expect(text).toContain(`| <code>${service}</code> |`);
    assertWhole(text);
  });

  it('fit also where each goes to every target, and where everything about them is as long as can be', () => {
    const everywhere = entries.flatMap((entry) =>
      Array.from({ length: 40 }, (_, index) => ({
        ...entry,
        target: { name: `target-${index}`, runsOn: 'x' },
      })),
    );
    const long = previewOf(
      entries.map((entry) => ({ ...entry, reasons: Array(9).fill('<'.repeat(2000)) })),
      {
        detection: detectionOf(entries, {
          warnings: Array(50).fill('&'.repeat(3000)),
          reasons: Object.fromEntries(
            entries.map(({ service }) => [
              service,
              [{ kind: 'files', text: 'x', files: Array(20).fill('é'.repeat(300)), count: 99, more: true }],
            ]),
          ),
        }),
        report: reportOf(
          Array.from({ length: 1000 }, (_, index) =>
            problem('unknown-key', { message: '<'.repeat(1000), place: { file: `f${index}` } }),
          ),
        ),
      },
    );
    for (const one of [previewOf(everywhere), long]) {
      const [short, whole] = [comment(one), summary(one)];
      expect(Buffer.byteLength(short)).toBeLessThanOrEqual(60_000);
      expect(Buffer.byteLength(whole)).toBeLessThan(1024 * 1024);
      assertWhole(short);
      assertWhole(whole);
    }
  });

  it('give way part by part: diffs, lists of files, reasons, rows', () => {
    const files = detectionOf(entries.slice(0, 40), {
      reasons: Object.fromEntries(
        entries.slice(0, 40).map(({ service }) => [
          service,
          [
            {
              kind: 'files',
              text: 'x',
              files: Array.from({ length: 20 }, (_, i) => `services/${service}/${i}`),
              count: 20,
            },
          ],
        ]),
      ),
    });
    const small = previewOf(entries.slice(0, 40), {
      detection: files,
      compose: { changes: [change('service-000', diff)], unread: [], uncompared: 0 },
    });
    const left = (limit: number) =>
      /Left out here for its length: (.*)\. See/.exec(fitMarkdown(small, { ...commentMedium, limit }))?.[1];
    const whole = Buffer.byteLength(comment(small)) + 1000;
    expect(left(whole)).toBeUndefined();
    expect(left(whole - 1200)).toMatch(/^(?:1 difference of configuration|the end of 1 difference)$/);
    const order: string[] = [];
    for (let limit = whole; limit > 1500; limit -= 150) {
      const gone = left(limit)?.replace(/\d+/g, 'n');
      if (gone !== undefined && gone !== order.at(-1)) order.push(gone);
    }
    expect(order).toEqual([
      'the end of n difference',
      'n difference of configuration',
      // What is left out makes room again.
      'the lists of files',
      'the end of n difference, the lists of files',
      'n difference of configuration, the lists of files',
      'most of the reasons, the lists of files',
      'the end of n difference, most of the reasons, the lists of files',
      'n difference of configuration, most of the reasons, the lists of files',
      'the end of n difference, n of n rows, the lists of files',
      'n difference of configuration, n of n rows, the lists of files',
      'n of n rows, the lists of files',
      'the end of n difference, n of n rows, the lists of files',
    ]);
    for (let limit = 1000; limit < whole; limit += 3777) {
      const text = fitMarkdown(small, { ...commentMedium, limit });
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      assertWhole(text);
    }
  });
});
