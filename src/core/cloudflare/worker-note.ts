import * as z from 'zod/mini';
import { isName } from '../names.ts';
import type { WorkerStatus } from './worker-result.ts';

/** What a deploy job noted of one worker for the jobs that follow: the outputs of its deployment. */
export interface WorkerNote {
  readonly service: string;
  readonly target: string;
  /** Of the run; counts from 1. A job that is run again notes anew what it finds. */
  readonly attempt: number;
  /** Undefined: the step ended before it could tell. */
  readonly status: WorkerStatus | undefined;
  readonly url: string | undefined;
  /** What was uploaded; for `unchanged` what serves. */
  readonly versionId: string | undefined;
  /** What had all traffic before; undefined for a first deployment. */
  readonly previousVersionId: string | undefined;
}

const statuses: readonly WorkerStatus[] = ['deployed', 'unchanged', 'rolled-back', 'failed', 'deleted'];

/** Outputs that were not written are not there, or empty. */
const output = z._default(z.string().check(z.maxLength(65_536)), '');

const shape = z.looseObject({
  services: z.array(z.string()),
  target: z.string(),
  attempt: z.coerce.number(),
  outputs: z.looseObject({
    status: output,
    urls: output,
    'version-id': output,
    'previous-version-id': output,
  }),
});

const byService = z.record(z.string(), z.string());

/** The notes of one job, which may have deployed several workers; undefined for a text that is none. */
export function parseWorkerNotes(text: string): readonly WorkerNote[] | undefined {
  const parsed = z.safeParse(shape, parseJson(text));
  if (!parsed.success || ![parsed.data.target, ...parsed.data.services].every(isName)) return undefined;
  const { services, target, attempt, outputs } = parsed.data;
  const of = (value: string, service: string) => valueFor(value, service, services.length);
  return services.map((service) => ({
    service,
    target,
    attempt,
    status: statuses.find((status) => status === outputs.status),
    url: valueFor(outputs.urls, service, 2),
    versionId: of(outputs['version-id'], service),
    previousVersionId: of(outputs['previous-version-id'], service),
  }));
}

/** Of one worker an output is its value, of several a JSON object by service. */
function valueFor(value: string, service: string, count: number): string | undefined {
  if (count === 1) return value || undefined;
  const parsed = z.safeParse(byService, parseJson(value));
  if (!parsed.success || !Object.hasOwn(parsed.data, service)) return undefined;
  return parsed.data[service] || undefined;
}

/**
 * What a run did to a worker over all its attempts. What an earlier attempt has deployed a later one finds unchanged, and
 * what it deploys anew comes after it: the way back leads to what served before the run.
 *
 * @param notes of one worker, in any order; at least one
 */
export function wholeNote(notes: readonly [WorkerNote, ...WorkerNote[]]): WorkerNote {
  const [last, ...earlier] = notes.toSorted((a, b) => b.attempt - a.attempt);
  const made = (id: string | undefined) =>
    earlier.find(({ versionId, status }) => versionId === id && status !== 'unchanged');
  let whole: WorkerNote = last ?? notes[0];
  const same = whole.status === 'unchanged' ? made(whole.versionId) : undefined;
  if (same !== undefined) whole = { ...whole, status: 'deployed', previousVersionId: same.previousVersionId };
  for (let step = 0; step < earlier.length && whole.previousVersionId !== undefined; step += 1) {
    const before = made(whole.previousVersionId);
    if (before === undefined || before.status === 'rolled-back') break;
    whole = { ...whole, previousVersionId: before.previousVersionId };
  }
  return whole;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
