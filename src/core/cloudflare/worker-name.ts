// Cloudflare's own limits: a worker is a label of its workers.dev address, and wrangler takes what begins with a
// letter, a digit or an underscore. A trailing hyphen can't be part of an address.
const workerPattern = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const environmentPattern = /^[a-zA-Z0-9_-]{1,63}$/;

/** Whether a worker may be called so: 1 to 63 lower-case letters, digits, underscores and hyphens. */
export function isWorkerName(name: string): boolean {
  return workerPattern.test(name);
}

/** The rule of `isWorkerName`, ready to stand in a remedy. */
export const workerNameRule =
  'Use 1 to 63 characters: lower-case letters, digits, underscores and hyphens, with no hyphen at either end.';

/** Whether an environment of a wrangler configuration may be called so: its name becomes part of the worker's. */
export function isEnvironmentName(name: string): boolean {
  return environmentPattern.test(name);
}

/**
 * What wrangler calls a resource that a binding gives no name or id: `<worker>-<binding>`. Launch looks for it by
 * this name, and never makes it as a side effect of a deployment.
 */
export function defaultResourceName(worker: string, binding: string): string {
  return `${worker}-${binding.toLowerCase().replaceAll('_', '-')}`;
}
