import { type Document, isMap, isScalar, parseDocument, type Scalar, visit, type YAMLMap } from 'yaml';

/** A job that calls a workflow of its own, to be written out where nothing is called. */
export interface JoinedJob {
  readonly job: string;
  /** The text of the workflow that calls, and of the one that is called; the latter has this one job. */
  readonly caller: string;
  readonly called: string;
  /** The caller's job that this one needs, and the job that has the same outputs where all is in one file. */
  readonly needs: readonly [from: string, to: string];
}

/** Adds the called job to `document`, with what its caller gives it in place of its inputs. */
export function joinJob(document: Document, { job, caller, called, needs }: JoinedJob): void {
  const [calling, calledJob] = [jobOf(caller, job), jobOf(called, job)];
  const given = calling.get('with');
  const move = (text: string) => text.replaceAll(`needs.${needs[0]}.`, `needs.${needs[1]}.`);
  calledJob.delete('outputs');
  visit(calledJob, {
    Pair(_key, { value }) {
      if (!isScalar(value) || typeof value.value !== 'string') return undefined;
      if (value.value.includes('secrets.')) return visit.REMOVE;
      const input = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(value.value)?.[1];
      if (input === undefined) return undefined;
      const expression = isMap(given) ? given.get(input) : undefined;
      if (typeof expression !== 'string') return visit.REMOVE;
      value.value = move(expression);
      return undefined;
    },
  });
  const [name] = calledJob.items.splice(0, 1);
  const conditions = calling.items.filter(
    ({ key }) => isScalar(key) && (key.value === 'needs' || key.value === 'if'),
  );
  for (const { value } of conditions) {
    if (isScalar(value) && value.value === needs[0]) (value as Scalar).value = needs[1];
  }
  calledJob.items.unshift(...(name === undefined ? [] : [name]), ...conditions);
  const pair = document.createPair(job, calledJob);
  pair.key.spaceBefore = true;
  pair.key.commentBefore = keyOf(caller, job)?.commentBefore ?? null;
  const jobs = document.get('jobs');
  if (!isMap(jobs)) throw new Error('There are no jobs to add one to.');
  jobs.items.push(pair);
}

function jobOf(source: string, job: string): YAMLMap {
  const found = parseDocument(source).getIn(['jobs', job]);
  if (isMap(found)) return found;
  throw new Error(`There is no job "${job}".`);
}

function keyOf(source: string, job: string): Scalar | undefined {
  const jobs = parseDocument(source).get('jobs');
  const key = isMap(jobs)
    ? jobs.items.map((it) => it.key).find((it) => isScalar(it) && it.value === job)
    : undefined;
  return isScalar(key) ? key : undefined;
}
