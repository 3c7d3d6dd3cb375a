/** A job of a called workflow is listed as `caller / job`. */
const between = ' / ';

/** A job's own name; that of who called its workflow says nothing about it. */
export function leafName(name: string): string {
  return name.split(between).at(-1) ?? name;
}

/** What stands before a job's own name: the jobs that called its workflow, outermost first; empty for one of the run itself. */
export function callerName(name: string): string {
  return name.split(between).slice(0, -1).join(between);
}
