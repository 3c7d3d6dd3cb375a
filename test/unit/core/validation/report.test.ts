import { describe, expect, it } from '@jest/globals';
import type { Problem } from '../../../../src/core/problem.ts';
import { buildReport, validationFailure, weightiest } from '../../../../src/core/validation/report.ts';
import { isRule, ruleDoc, ruleDocs, ruleRank } from '../../../../src/core/validation/rules.ts';
import { toSarif, toUri } from '../../../../src/core/validation/sarif.ts';
import { summaryMarkdown, verdict } from '../../../../src/core/validation/summary.ts';

function problem(setting: Partial<Problem> = {}): Problem {
  return {
    rule: 'latest-tag',
    severity: 'warning',
    message: 'It floats.',
    remedy: 'Pin it.',
    place: { file: 'services/web/compose.yml', line: 3, column: 5 },
    service: 'web',
    ...setting,
  };
}

function report(problems: readonly Problem[], failOn: 'error' | 'warning' = 'error') {
  return buildReport({
    failOn,
    services: [
      { name: 'web', path: 'services/web' },
      { name: 'api', path: 'services/api' },
    ],
    problems,
    notes: [],
  });
}

const { service: _, ...ofNobody } = problem({ place: { file: 'launch.yml' } });
const credential = problem({ rule: 'hard-coded-credential', severity: 'error', message: 'A key.' });
const shell = problem({ rule: 'SC2148', severity: 'error', place: { file: 'a.sh', line: 1 } });

describe('buildReport', () => {
  it('counts, sorts and drops repeats', () => {
    const built = report([problem(), credential, problem(), ofNobody]);
    expect(built).toMatchObject({ valid: false, errors: 1, warnings: 2 });
    expect(built.services).toEqual([
      { name: 'web', path: 'services/web', errors: 1, warnings: 1 },
      { name: 'api', path: 'services/api', errors: 0, warnings: 0 },
    ]);
    expect(built.problems.map(({ place }) => place.file)).toEqual([
      'launch.yml',
      'services/web/compose.yml',
      'services/web/compose.yml',
    ]);
  });

  it('is valid with warnings unless they count', () => {
    expect(report([problem()]).valid).toBe(true);
    expect(report([problem()], 'warning').valid).toBe(false);
    expect(report([], 'warning').valid).toBe(true);
  });

  it('knows every rule it tells', () => {
    expect(report([problem({ rule: 'too-small' })]).problems[0]?.rule).toBe('invalid-value');
    expect(report([problem({ rule: 'SC2086' })]).problems[0]?.rule).toBe('SC2086');
  });

  it('tells the weightiest first, and fails with it', () => {
    const all = [problem(), shell, credential];
    expect(weightiest(report(all), 'error', 1)).toEqual([credential]);
    expect(weightiest(report(all), 'error', 5)).toEqual([credential, shell]);
    const failure = validationFailure(report(all));
    expect(failure.code).toBe('VALIDATION_FAILED');
    expect(failure.message).toBe(
      'A key. (services/web/compose.yml:3:5) Pin it. There are 2 more problems; the job summary and the report list all.',
    );
  });
});

describe('ruleDocs', () => {
  it('have an id each, and end as sentences', () => {
    expect(new Set(ruleDocs.map(({ id }) => id)).size).toBe(ruleDocs.length);
    for (const { id, summary, help } of ruleDocs) {
      expect(isRule(id)).toBe(true);
      expect(summary).not.toMatch(/\.$/);
      expect(help).toMatch(/[.>`]$/);
    }
    expect(ruleDoc('SC2086').help).toContain('/SC2086');
    expect(ruleRank('hard-coded-credential')).toBeLessThan(ruleRank('SC2086'));
    expect(ruleRank('SC2086')).toBeLessThan(ruleRank('latest-tag'));
  });
});

describe('toSarif', () => {
  const odd = problem({ place: { file: 'services/web/a b,#?%0A:.sh', line: 2 }, rule: 'SC2034' });
  const log = toSarif(
    report([odd, credential, problem({ place: { file: 'x' } }), problem({ place: { file: 'x', line: 9 } })]),
  );

  it('has what SARIF 2.1.0 and code scanning ask for', async () => {
    const sarif = await log;
    expect(sarif).toMatchObject({ $schema: expect.stringContaining('sarif-2.1.0'), version: '2.1.0' });
    const [run] = sarif.runs;
    const { rules } = run.tool.driver;
    expect(rules.map(({ id }) => id)).toEqual(['SC2034', 'hard-coded-credential', 'latest-tag']);
    for (const rule of rules) {
      expect(rule).toMatchObject({
        shortDescription: { text: expect.any(String) },
        fullDescription: { text: expect.any(String) },
        help: { text: expect.any(String) },
        defaultConfiguration: { level: expect.stringMatching(/^(error|warning)$/) },
      });
    }
    expect(run.results).toHaveLength(4);
    for (const result of run.results) {
      expect(result.level).toMatch(/^(error|warning)$/);
      expect(rules[result.ruleIndex]?.id).toBe(result.ruleId);
      const { artifactLocation, region } = result.locations[0].physicalLocation;
      expect(artifactLocation.uriBaseId).toBe('%SRCROOT%');
      expect(Object.keys(run.originalUriBaseIds)).toEqual(['%SRCROOT%']);
      // A relative reference that means a file and nothing else.
      expect(new URL(artifactLocation.uri, 'file:///top/').href).toMatch(/^file:\/\/\/top\/[^?#]+$/);
      expect(region.startLine).toBeGreaterThanOrEqual(1);
      expect(result.partialFingerprints).toEqual({
        'launchProblem/v1': expect.stringMatching(/^[0-9a-f]{32}$/),
      });
    }
    const prints = run.results.map((result) => result.partialFingerprints['launchProblem/v1']);
    expect(new Set(prints).size).toBe(4);
  });

  it('keeps the fingerprint of a problem that only moved', async () => {
    const print = async (line: number): Promise<unknown> =>
      (await toSarif(report([problem({ place: { file: 'x', line } })]))).runs[0].results[0]
        ?.partialFingerprints;
    expect(await print(3)).toEqual(await print(30));
  });

  it('writes any path as a relative URI', () => {
    expect(toUri('a b/ü,%0A\n:?#.sh')).toBe('a%20b/%C3%BC%2C%250A%0A%3A%3F%23.sh');
    expect(toUri('javascript:alert(1)')).toBe('javascript%3Aalert(1)');
    expect(toUri('\ud800')).toBe('%EF%BF%BD');
  });
});

describe('summaryMarkdown', () => {
  it('says it in one line, then by service, then in a table', () => {
    const text = summaryMarkdown(report([problem(), credential]));
    expect(text).toContain('### 2 services, not valid: 1 error, 1 warning');
    expect(text).toContain('- ❌ **web**: 1 error, 1 warning');
    expect(text).toContain('- ✅ **api**: ok');
    expect(text.indexOf('A key.')).toBeLessThan(text.indexOf('It floats.'));
  });

  it('lets nothing of a repository become markup', () => {
    const text = summaryMarkdown(
      report([problem({ message: '| <img src=x> [a](b) `c` @me\n# x', place: { file: 'a|b\n`c`<b>' } })]),
    );
    expect(text).not.toMatch(/<img|\[a\]|@me|^# x|<b>/m);
    expect(text.split('\n').filter((line) => line.startsWith('| ⚠️'))).toHaveLength(1);
  });

  it('stays short for a thousand services and problems', () => {
    const services = Array.from({ length: 1000 }, (_, i) => ({ name: `s${i}`, path: `services/s${i}` }));
    const problems = Array.from({ length: 5000 }, (_, i) =>
      problem({ service: `s${i % 900}`, place: { file: `f${i}` } }),
    );
    const text = summaryMarkdown(buildReport({ failOn: 'error', services, problems, notes: ['A note.'] }));
    expect(text.length).toBeLessThan(100_000);
    expect(text).toContain('And 4800 more');
    expect(text).toContain('_A note._');
  });

  it('has words for nothing', () => {
    expect(verdict(report([]))).toBe('2 services validated, nothing to mend');
    expect(verdict(buildReport({ failOn: 'error', services: [], problems: [], notes: [] }))).toBe(
      'No service to validate',
    );
  });
});
