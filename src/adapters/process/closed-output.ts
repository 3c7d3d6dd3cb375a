/**
 * Lets work go on when nobody reads its output any more (`| head`, a terminal that is gone): half a deployment
 * is worse than a line that is not shown. Without this, Node ends the process at the first such line.
 */
export function outliveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
