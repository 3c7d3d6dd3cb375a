/** The closed set of reasons for which Launch refuses or fails. Documented in docs/errors.md. */
export const errorCodes = [
  'CONFIG_INVALID',
  'SERVICE_NOT_FOUND',
  'TARGET_UNKNOWN',
  'BASE_UNAVAILABLE',
  'VALIDATION_FAILED',
  'SECRET_MISSING',
  'LOCK_HELD',
  'FROZEN',
  'SUPERSEDED',
  'UNTRUSTED_EVENT',
  'PORT_IN_USE',
  'DISK_FULL',
  'ENGINE_UNAVAILABLE',
  'DEPLOY_FAILED',
  'HEALTH_FAILED',
  'ROLLBACK_FAILED',
  'API_AUTH',
  'API_ERROR',
  'TIMEOUT',
  'CANCELLED',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** A place in a file of the repository; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** False where `file` is what people call something that is no file, such as an input. */
  readonly isFile?: false;
}

/** An input of an action, named as its place is. */
export function inputPlace(name: string): Place {
  return { file: `the \`${name}\` input`, isFile: false };
}

export interface LaunchErrorDetails {
  readonly place?: Place;
  /** What to do next, as a sentence for the person who reads the failed step. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/**
 * The only error that Launch throws on purpose. `message` is one paragraph: what happened, where, and what
 * to do next; it holds no secret, because it ends up in logs, annotations and summaries.
 */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  readonly code: ErrorCode;
  readonly summary: string;
  readonly place: Place | undefined;
  readonly remedy: string;

  constructor(code: ErrorCode, summary: string, details: LaunchErrorDetails) {
    const where = details.place === undefined ? '' : ` (${formatPlace(details.place)})`;
    super(`${summary}${where} ${details.remedy}`, { cause: details.cause });
    this.code = code;
    this.summary = summary;
    this.place = details.place;
    this.remedy = details.remedy;
  }
}

export function formatPlace(place: Place): string {
  if (place.line === undefined) return place.file;
  return place.column === undefined
    ? `${place.file}:${place.line}`
    : `${place.file}:${place.line}:${place.column}`;
}
