import type { Problem, Severity } from '../problem.ts';
import type { Report } from './report.ts';
import { ruleDoc } from './rules.ts';

const schema = 'https://json.schemastore.org/sarif-2.1.0.json';

interface Text {
  readonly text: string;
}

export interface SarifRule {
  readonly id: string;
  readonly name: string;
  readonly shortDescription: Text;
  readonly fullDescription: Text;
  readonly help: Text & { readonly markdown: string };
  readonly helpUri?: string;
  readonly defaultConfiguration: { readonly level: Severity };
  readonly properties: { readonly tags: readonly string[] };
}

export interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: Severity;
  readonly message: Text;
  readonly locations: readonly [
    {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string };
        readonly region: { readonly startLine: number; readonly startColumn?: number };
      };
    },
  ];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}

/** As much of a SARIF log as Launch writes. */
export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: {
          readonly name: string;
          readonly informationUri: string;
          readonly rules: readonly SarifRule[];
        };
      };
      readonly columnKind: 'utf16CodeUnits';
      readonly originalUriBaseIds: Readonly<Record<string, { readonly description: Text }>>;
      readonly results: readonly SarifResult[];
    },
  ];
}

/** The report as SARIF 2.1.0, as GitHub's code scanning takes it. */
export async function toSarif(report: Report): Promise<SarifLog> {
  const prints = await fingerprints(report.problems);
  const ids = [...new Set(report.problems.map((problem) => problem.rule))].sort();
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
        results: report.problems.map((problem, index) =>
          result(problem, ids.indexOf(problem.rule), prints[index] ?? ''),
        ),
      },
    ],
  };
}

function rule(id: string): SarifRule {
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

function result(problem: Problem, ruleIndex: number, print: string): SarifResult {
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
    partialFingerprints: { 'launchProblem/v1': print },
  };
}

/** Each the same for a problem that only moved to another line; twins are told apart by their order. */
async function fingerprints(problems: readonly Problem[]): Promise<string[]> {
  if (problems.length === 0) return [];
  // Loading it takes longer than all else here, and most reports have nothing to tell.
  const { hash } = await import('node:crypto');
  const seen = new Map<string, number>();
  return problems.map(({ rule: id, place, message }) => {
    const identity = JSON.stringify([id, place.file, message]);
    const nth = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, nth);
    return hash('sha256', `${identity}:${nth}`).slice(0, 32);
  });
}

/** A path as a relative URI: each part escaped, so that no name can become a scheme, a query or a way up. */
export function toUri(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');
}
