import { errorCodes } from '../errors.ts';
import type { Reason } from './run-report.ts';

/** An annotation of a job, as GitHub lists it. */
export interface Annotation {
  readonly annotation_level?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly message?: string | null | undefined;
}

/** What the runner notes of itself: it says that something failed, never what. */
const empty = /^(Process completed with exit code \d+\.?|The operation was cancell?ed\.?)$/;

const longest = 2000;

/** Why a job failed, at most three reasons: Launch's own errors first, then what else is an error. */
export function reasonsIn(annotations: readonly Annotation[]): readonly Reason[] {
  const errors = annotations
    .filter((it) => it.annotation_level === 'failure' && (it.message ?? '').trim() !== '')
    .map((it): Reason => {
      const code = errorCodes.find((known) => known === it.title);
      const message = (it.message ?? '').trim().slice(0, longest).toWellFormed();
      if (code !== undefined) return { code, message };
      return { message: (it.title ?? '') === '' ? message : `${it.title}: ${message}` };
    });
  const telling = errors.filter(({ message }) => !empty.test(message));
  const chosen = telling.length > 0 ? telling : errors;
  const isOurs = ({ code }: Reason) => code !== undefined;
  return [...chosen.filter(isOurs), ...chosen.filter((it) => !isOurs(it))].slice(0, 3);
}
