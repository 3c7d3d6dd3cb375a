import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isMap, isScalar, parseDocument, type Scalar, visit } from 'yaml';
import type { Generator } from './generator.ts';
import { type JoinedJob, joinJob } from './joined-job.ts';

/** What the copies call: the released actions. */
const actions = { from: '$/', repository: 'org/launch/', ref: '@v1' } as const;

/** Only a reusable workflow has to tell its own events from a caller's. */
const gatePattern = /\s*&& (?:needs\.plan\.outputs\.deploy == 'true'|inputs\.worker-tests != '')/;

/** How each header ends. */
const versions = `\`org/launch\` is where Launch lives for you; \`v1\` follows its releases. To decide on each update yourself, put
a release's full commit id in its place.`;

export interface Starter {
  readonly name: string;
  readonly header: string;
  /** Whether a newer run for the same pull request ends the older one. */
  readonly cancels: boolean;
  /** A job of another workflow that belongs to it; `caller` and `called` are paths, or texts for `standAlone`. */
  readonly joins?: JoinedJob;
}

const standalone: readonly (Starter & { readonly source: string; readonly path: string })[] = [
  {
    source: '.github/workflows/deploy.yml',
    path: 'workflows/launch-deploy-standalone.yml',
    name: 'Launch deploy',
    cancels: false,
    header: `Generated from .github/workflows/deploy.yml by \`npm run generate\`.

Copy this file to .github/workflows/ of the repository that holds your services, when Launch lives with
another owner: GitHub lends no self-hosted runner to the reusable workflow of another owner, so the jobs have
to be your own. With the same owner, launch-deploy.yml is shorter and follows Launch's own.

It deploys what a push to the main branch changed. Edit: the \`uses:\` lines, see below, and the branch, if yours is not "main".

Secrets: for each target make an environment (Settings > Environments) with the name that the target has as
\`environment:\` in launch.yml, and in it one secret LAUNCH_SECRETS with lines such as
  DATABASE_PASSWORD=...
A service gets the names that its service.yml lists under \`secrets:\`, and no other. Targets without an
environment use the repository's own LAUNCH_SECRETS.

Workers: \`COMMAND\` of the job test-workers has to pass before one is deployed, \`command\` of the job verify-workers
tests the live ones, and with \`atomic: true\` there all of a run's workers are taken back when one could not be deployed.

A pull request or a fork never deploys: each deploy job has a condition, which GitHub evaluates before it
picks a runner, and its first step asserts the same on the runner. Keep both.

Who is told how a run ended: a secret LAUNCH_NOTIFY of the repository (docs/notifications.md). Without it, nobody is.

${versions}`,
  },
  {
    source: '.github/workflows/rollback.yml',
    path: 'workflows/launch-rollback-standalone.yml',
    name: 'Launch rollback',
    cancels: false,
    header: `Generated from .github/workflows/rollback.yml by \`npm run generate\`.

Copy this file to .github/workflows/ of the repository that holds your services, when Launch lives with
another owner: GitHub lends no self-hosted runner to the reusable workflow of another owner, so the jobs have
to be your own. With the same owner, launch-rollback.yml is shorter and follows Launch's own.

It takes a service back to a release of before: Actions > Launch rollback > Run workflow. Edit: nothing. Secrets
are those of launch-deploy-standalone.yml.

Afterwards the service is frozen: a push that does not touch it leaves it as it is. The first commit that
touches it, or a deployment with \`force\`, ends that. A worker goes back to a version of before, and is not frozen.

Who is told how a run ended: a secret LAUNCH_NOTIFY of the repository (docs/notifications.md). Without it, nobody is.

${versions}`,
  },
  {
    source: '.github/workflows/deploy-instance.yml',
    path: 'workflows/launch-deploy-instance-standalone.yml',
    name: 'Launch deploy instance',
    cancels: false,
    header: `Generated from .github/workflows/deploy-instance.yml by \`npm run generate\`.

Copy this file to .github/workflows/ of the repository that holds your workers, when it may not call the reusable
workflows of another owner. Otherwise launch-deploy-instance.yml is shorter and follows Launch's own.

It deploys an organisation's own copy of the workers: Actions > Launch deploy instance > Run workflow. Edit: the \`uses:\`
lines, see below. Its first job has no secret and shows what would be deployed; the second enters the environment
(production, staging or development), with the rules that you gave it, and uses its secret LAUNCH_SECRETS.

Who is told how a run ended: a secret LAUNCH_NOTIFY of the repository (docs/notifications.md). Without it, nobody is.

${versions}`,
  },
  {
    source: '.github/workflows/provision-gpu.yml',
    path: 'workflows/launch-provision-gpu-standalone.yml',
    name: 'Launch provision GPU',
    cancels: false,
    header: `Generated from .github/workflows/provision-gpu.yml by \`npm run generate\`.

Copy this file to .github/workflows/ of the repository from which you start GPU instances, when it may not call the
reusable workflows of another owner. Otherwise launch-provision-gpu.yml is shorter and follows Launch's own. Copy
launch-reap-gpu.yml, too: it deletes what is past its time, and a \`ttl\` without it is only a note.

It makes a GPU instance at Linode with the AI sandbox on it: Actions > Launch provision GPU > Run workflow. Edit: the
\`uses:\` line, see below. Secrets are those of launch-provision-gpu.yml, in the environment gpu.

Who is told how a run ended: a secret LAUNCH_NOTIFY of the repository (docs/notifications.md). Without it, nobody is.

\`org/launch\` is where Launch lives for you; \`v1\` follows its releases. To decide on each update yourself, put
a release's full commit id in its place.`,
  },
  {
    source: '.github/workflows/pr-validation.yml',
    path: 'workflows/launch-pr-standalone.yml',
    name: 'Launch pull request',
    cancels: true,
    joins: {
      job: 'comment',
      caller: 'workflows/launch-pr.yml',
      called: '.github/workflows/pr-comment.yml',
      needs: ['launch', 'validate'],
    },
    header: `Generated from .github/workflows/pr-validation.yml by \`npm run generate\`.

Copy this file to .github/workflows/ of the repository that holds your services, when it may not call the
reusable workflows of another owner. Otherwise launch-pr.yml is shorter and follows Launch's own.

It checks what a pull request changes, and shows what merging it would do: in the job summary, and as one comment.
Edit: the \`uses:\` lines, see below. Then require the check "Launch" in the branch's ruleset; it is there for every
pull request.

Who wants no comment deletes the job \`comment\`. A pull request from a fork gets none: its run may only read.

${versions}`,
  },
];

/** As the thin caller has it; a reusable workflow can't, since its calls would cancel each other. */
const concurrency = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub fills it in, not JavaScript
  group: '${{ github.workflow }}-${{ github.event.pull_request.number || github.ref }}',
  'cancel-in-progress': true,
};

/** The starter workflows that call actions only. */
export const standaloneWorkflows: Generator = {
  name: 'standalone workflows',
  run(root) {
    return new Map(
      standalone.map((file) => [file.path, standAlone(read(root, file.source), withTexts(root, file))]),
    );
  },
};

function read(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function withTexts(root: string, { joins, ...starter }: Starter): Starter {
  if (joins === undefined) return starter;
  const { caller, called } = joins;
  return { ...starter, joins: { ...joins, caller: read(root, caller), called: read(root, called) } };
}

/** A reusable workflow as one that stands for itself: no caller, and its actions by owner, name and version. */
export function standAlone(source: string, { name, header, cancels, joins }: Starter): string {
  const document = parseDocument(source);
  setHeader(document, header);
  document.set('name', name);
  const gone = dropCaller(document);
  if (cancels) setConcurrency(document);
  if (joins !== undefined) joinJob(document, joins);
  visit(document, {
    Pair(_key, pair) {
      if (!isScalar(pair.value) || typeof pair.value.value !== 'string') return undefined;
      const value = withoutInput(pair.value.value, gone);
      if (value === undefined) return visit.REMOVE;
      change(pair.value, value);
      return undefined;
    },
  });
  const gateOutput = ['jobs', 'plan', 'outputs', 'deploy'];
  if (document.hasIn(gateOutput)) document.deleteIn(gateOutput);
  visit(document, {
    Pair(_key, { key, value }) {
      const isEmpty = isMap(value) && value.items.length === 0;
      return isEmpty && isScalar(key) && key.value === 'with' ? visit.REMOVE : undefined;
    },
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return;
      change(node, node.value.replace(gatePattern, ''));
      if (node.value.startsWith(actions.from)) {
        change(node, `${actions.repository}${node.value.slice(actions.from.length)}${actions.ref}`);
      }
    },
  });
  const text = document.toString({ lineWidth: 110, flowCollectionPadding: false }).replaceAll(/ +$/gm, '');
  const left = /\$\/|workflow_call|outputs\.deploy\b|LAUNCH_DEPLOY/.exec(text.replace(/^#.*$/gm, ''));
  if (left !== null) throw new Error(`"${left[0]}" of the reusable workflow is left in "${name}".`);
  return text;
}

/** In place of the reusable workflow's own, which the parser takes for a comment on the first key. */
function setHeader(document: Document, header: string): void {
  const { contents } = document;
  const first = isMap(contents) ? contents.items[0]?.key : undefined;
  if (isScalar(first)) delete first.commentBefore;
  if (isMap(contents)) delete contents.commentBefore;
  document.commentBefore = header.replaceAll(/^/gm, ' ').replaceAll(/ +$/gm, ' ');
}

function setConcurrency(document: Document): void {
  const { contents } = document;
  if (!isMap(contents)) return;
  for (const { key, value } of contents.items) {
    if (!isScalar(key) || key.value !== 'on' || !isMap(value)) continue;
    // Both speak of the concurrency that is not there.
    delete key.commentBefore;
    delete value.commentBefore;
  }
  const jobs = contents.items.findIndex(({ key }) => isScalar(key) && key.value === 'jobs');
  const pair = document.createPair('concurrency', concurrency);
  pair.key.spaceBefore = true;
  contents.items.splice(jobs, 0, pair);
}

/** Takes `workflow_call` out of the events; returns the inputs that went with it. */
function dropCaller(document: Document): ReadonlySet<string> {
  const called = document.getIn(['on', 'workflow_call', 'inputs']);
  const kept = document.getIn(['on', 'workflow_dispatch', 'inputs']);
  document.deleteIn(['on', 'workflow_call']);
  const names = (map: unknown) => (isMap(map) ? map.items.map((item) => String(item.key)) : []);
  const stay = new Set(names(kept));
  return new Set(names(called).filter((input) => !stay.has(input)));
}

/** `${{ inputs.x || 'y' }}` is y when there is no input x any more, and nothing without an y; also in brackets. */
function withoutInput(whole: string, gone: ReadonlySet<string>): string | undefined {
  const value = whole.replace(
    /\(inputs\.([\w-]+) \|\| ([^ )]+)\)/g,
    (part, input: string, fallback: string) => (gone.has(input) ? fallback : part),
  );
  const [, input, fallback] = /^\$\{\{ inputs\.([\w-]+)(?: \|\| ('[^']*'|[^ ]+))? \}\}$/.exec(value) ?? [];
  if (input === undefined || !gone.has(input)) return value;
  return fallback?.replace(/^'(.*)'$/, '$1');
}

function change(node: Scalar, value: string): void {
  if (node.value === value) return;
  node.value = /^\d+$/.test(value) ? Number(value) : value;
  if (typeof node.value === 'number') delete node.type;
}
