import type { Reason } from '../changes/reasons.ts';
import { comparison } from '../changes/summary.ts';
import { counted } from '../counted.ts';
import { formatPlace } from '../errors.ts';
import { code, plain, shortened, table } from '../markdown.ts';
import type { Problem } from '../problem.ts';
import { type Attention, attentions } from './attention.ts';
import { countFindings, type Findings, findingsByKind } from './findings.ts';
import { headline } from './headline.ts';
import { picture } from './picture.ts';
import {
  countRows,
  countTargets,
  nameList,
  reasonList,
  serviceTable,
  targetTable,
  type Why,
  waveList,
} from './plan-rows.ts';
import { type Preview, wavesOf } from './preview.ts';
import { deletions } from './removal-section.ts';

/** How much is shown. What is left out is said in a sentence. */
export interface Detail {
  readonly rows: number;
  readonly why: Why;
  readonly files: boolean;
  readonly findings: number;
}

/** From so many services on the targets are shown first, and the services in a part to unfold. */
const manyServices = 50;
const [shownFiles, shownTargets] = [20, 12];

/** Everything but the compose configuration, as blocks of Markdown; `left` says what was left out. */
export function sections(
  preview: Preview,
  detail: Detail,
): { readonly blocks: readonly string[]; readonly left: readonly string[] } {
  const left: string[] = [];
  const blocks = [
    `### ${headline(preview)}`,
    ...(preview.detection === undefined ? [] : [comparison(preview.detection)]),
    ...faultPart(preview),
    ...attentionPart(preview),
    ...planPart(preview, detail, left),
    ...deletions(preview),
    ...findingsPart(preview, detail, left),
    ...runnersPart(preview),
    ...notesPart(preview),
    ...filesPart(preview, detail, left),
  ];
  return { blocks, left };
}

function faultPart({ fault }: Preview): string[] {
  if (fault === undefined) return [];
  const where = fault.place === undefined ? '' : ` (${code(formatPlace(fault.place))})`;
  return [`❌ ${plain(fault.summary)}${where} ${plain(fault.remedy)}`];
}

const signs: Readonly<Record<Attention['kind'], string>> = {
  error: '❌',
  removal: '⛔',
  data: '⚠️',
  frozen: '❄️',
  runner: '🔴',
};

function attentionPart(preview: Preview): string[] {
  const all = attentions(preview);
  if (all.length === 0) return [];
  const lines = all.slice(0, 20).map(({ kind, services, target, text }) => {
    const where = target === undefined ? '' : ` on ${code(target)}`;
    const who = services.length === 0 ? '' : `${nameList(services, 5)}${where}: `;
    return `- ${signs[kind]} ${who}${plain(text)}`;
  });
  if (all.length > lines.length) lines.push(`- and ${all.length - lines.length} more like these`);
  return [`**To look at**\n\n${lines.join('\n')}`];
}

function planPart(preview: Preview, detail: Detail, left: string[]): string[] {
  const { plan } = preview;
  const disabled =
    plan.disabled.length === 0
      ? []
      : [`Not deployed, because of \`enabled: false\`: ${nameList(plan.disabled, 30)}.`];
  const all = countRows(preview);
  if (all === 0) return disabled;
  const order = wavesOf(plan).length > 1 ? ['A wave starts when the one before it is done.'] : [];
  const drawn = picture(preview);
  const drawing = [
    ...(drawn === undefined ? [] : [drawn.markdown]),
    ...(drawn?.isWhole === false ? ['The picture counts services; there are too many to draw each.'] : []),
  ];
  if (all <= manyServices) {
    const rows = Math.min(all, detail.rows);
    if (rows < all) left.push(`${all - rows} of ${all} rows`);
    else if (detail.why !== 'full') left.push('most of the reasons');
    return [serviceTable(preview, detail.why, rows), ...order, ...drawing, ...disabled];
  }
  const targets = Math.min(countTargets(preview), Math.max(detail.rows, 40));
  if (targets < countTargets(preview)) left.push(`${countTargets(preview) - targets} targets`);
  const ofTargets = targetTable(preview, targets);
  return [
    ...drawing,
    ...order,
    `**Why**\n\n${reasonList(preview, 10)}`,
    targets <= shownTargets ? ofTargets : unfolding(`The ${targets} targets, and their runners`, ofTargets),
    ...everyService(preview, detail, left),
    ...disabled,
  ];
}

/** Folded up: the row of each, or where there is no room for all of these the names. */
function everyService(preview: Preview, detail: Detail, left: string[]): string[] {
  const all = countRows(preview);
  if (detail.rows >= all) {
    if (detail.why !== 'full') left.push('most of the reasons');
    return [unfolding(`All ${all} services`, serviceTable(preview, detail.why, all))];
  }
  if (detail.rows === 0) {
    left.push('the names of the services');
    return [];
  }
  left.push('the rows of the services');
  return [unfolding(`The names of all ${all} services`, waveList(preview, detail.rows))];
}

function findingsPart({ report }: Preview, detail: Detail, left: string[]): string[] {
  if (report === undefined) return [];
  const kinds = findingsByKind(report);
  const all = kinds.flatMap(({ problems }) => problems);
  // The weightiest of each kind come first, so that none is hidden by the others.
  const share = Math.ceil(detail.findings / 3);
  const shown = kinds.flatMap(({ problems }) => problems.slice(0, share));
  if (shown.length < all.length) left.push(`${all.length - shown.length} of ${all.length} findings`);
  const many = shown.length > 10;
  const [open, folded] = many ? [kinds.flatMap(({ problems }) => problems.slice(0, 3)), shown] : [shown, []];
  return [
    `**Findings** in ${counted(report.services.length, 'service')}\n\n${kinds.map(kindLine).join('\n')}`,
    ...(open.length === 0 ? [] : [problemTable(open)]),
    ...(folded.length === 0
      ? []
      : [
          unfolding(
            shown.length < all.length
              ? `${shown.length} of ${all.length} findings`
              : `All ${all.length} findings`,
            problemTable(folded),
          ),
        ]),
    ...report.notes.map((note) => `_${plain(note)}_`),
  ];
}

const titles: Readonly<Record<Findings['kind'], string>> = {
  ports: 'Ports',
  secrets: 'Secrets',
  other: 'Everything else',
};

function kindLine(findings: Findings): string {
  const { kind, errors, warnings } = findings;
  const sign = errors > 0 ? '❌' : warnings > 0 ? '⚠️' : '✅';
  return `- ${sign} ${titles[kind]}: ${countFindings(findings) || 'nothing found'}`;
}

function problemTable(problems: readonly Problem[]): string {
  const rows = problems.map(({ severity, place, message, remedy, rule }) => [
    severity === 'error' ? '❌' : '⚠️',
    code(place.line === undefined ? place.file : `${place.file}:${place.line}`),
    plain(shortened(`${message} ${remedy}`.trim(), 600)),
    code(rule),
  ]);
  return table(['', 'Where', 'What', 'Rule'], rows);
}

function runnersPart({ runners, plan }: Preview): string[] {
  if (runners.kind === 'not-asked' || plan.entries.length === 0) return [];
  if (runners.kind === 'unknown') return [`_Whether runners are online is not known: ${plain(runners.why)}_`];
  const kinds = [...runners.matches.values()].map(({ kind }) => kind);
  const bad = kinds.filter((kind) => kind === 'offline' || kind === 'none').length;
  if (bad > 0) return [`_${counted(bad, 'target')} of ${kinds.length} without a runner online._`];
  return kinds.includes('online') ? ['_Every target has a runner online._'] : [];
}

function notesPart({ notes, detection }: Preview): string[] {
  return [...notes, ...(detection?.warnings ?? [])].map((note) => `> ⚠️ ${plain(shortened(note, 1000))}`);
}

/** Files beyond the one that the reasons name. */
function filesPart({ detection }: Preview, { files }: Detail, left: string[]): string[] {
  const services = Object.entries(detection?.reasons ?? {}).flatMap(([service, reasons]) => {
    const found = reasons.filter(isList);
    return found.length === 0 ? [] : [{ service, found }];
  });
  if (services.length === 0) return [];
  if (!files) {
    left.push('the lists of files');
    return [];
  }
  const lines = services.map(
    ({ service, found }) => `- ${code(service)}: ${[...new Set(found.map(fileList))].join('; ')}`,
  );
  return [unfolding(`Files that changed, of ${counted(lines.length, 'service')}`, lines.join('\n'))];
}

type FileReason = Extract<Reason, { readonly files: unknown }>;

function isList(reason: Reason): reason is FileReason {
  return 'files' in reason && reason.files.length > 0 && (reason.count > 1 || reason.more === true);
}

function fileList({ files, count, more }: FileReason): string {
  const shown = files.slice(0, shownFiles).map((file) => code(shortened(file, 200)));
  const rest = count - shown.length;
  return [
    ...shown,
    ...(rest > 0 || more === true ? [`and ${rest}${more === true ? '+' : ''} more`] : []),
  ].join(', ');
}

/** A part that is folded up; `title` is HTML, `body` Markdown. */
export function unfolding(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
