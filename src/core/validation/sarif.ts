import { createHash } from 'node:crypto';
import type { Problem } from '../problem.ts';
import type { Report } from './report.ts';
import { ruleDoc } from './rules.ts';

const schema = 'https://json.schemastore.org/sarif-2.1.0.json';

/** The report as SARIF 2.1.0, as GitHub's code scanning takes it. */
export function toSarif(report: Report): Record<string, unknown> {
  const ids = [...new Set(report.problems.map((problem) => problem.rule))].sort();
  const seen = new Map<string, number>();
  return {
    $schema: schema,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'Launch', informationUri: 'https://github.com/org/launch', rules: ids.map(rule) },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The top of the repository.' } } },
        results: report.problems.map((problem) => result(problem, ids.indexOf(problem.rule), seen)),
      },
    ],
  };
}

function rule(id: string): Record<string, unknown> {
  const doc = ruleDoc(id);
  const wiki = /^SC\d+$/.test(id) ? { helpUri: `https://www.shellcheck.net/wiki/${id}` } : {};
  return {
    id,
    name: id,
    shortDescription: { text: doc.summary },
    fullDescription: { text: `${doc.summary}. ${doc.help}` },
    help: { text: doc.help, markdown: doc.help },
    defaultConfiguration: { level: doc.severity },
    properties: { tags: id === 'hard-coded-credential' ? ['security'] : ['deployment'] },
    ...wiki,
  };
}

function result(problem: Problem, ruleIndex: number, seen: Map<string, number>): Record<string, unknown> {
  const { file, line, column } = problem.place;
  return {
    ruleId: problem.rule,
    ruleIndex,
    level: problem.severity,
    message: { text: `${problem.message} ${problem.remedy}`.trim() },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: toUri(file), uriBaseId: '%SRCROOT%' },
          region: { startLine: line ?? 1, ...(column === undefined ? {} : { startColumn: column }) },
        },
      },
    ],
    partialFingerprints: { 'launchProblem/v1': fingerprint(problem, seen) },
  };
}

/** The same for a problem that only moved to another line; told apart from its twins by their order. */
function fingerprint(problem: Problem, seen: Map<string, number>): string {
  const identity = JSON.stringify([problem.rule, problem.place.file, problem.message]);
  const nth = (seen.get(identity) ?? 0) + 1;
  seen.set(identity, nth);
  return createHash('sha256').update(`${identity}:${nth}`).digest('hex').slice(0, 32);
}

/** A path as a relative URI: each part escaped, so that no name can become a scheme, a query or a way up. */
export function toUri(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');
}
