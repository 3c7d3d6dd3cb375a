import { guardDeployment } from '../operations/deploy/guard.ts';
import { messages } from './messages.ts';

/**
 * The guardian's process: told of a deployment, it stands by until it is dismissed, or acts when whoever deploys
 * is gone. It has a session of its own, so that no terminal and no runner ends it together with the job.
 */
export async function guard(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  // The other end may be gone when it reports.
  process.stdout.on('error', () => {});
  const inbox = messages(process.stdin);
  const first = await inbox.next();
  if (first === undefined) return;
  process.stdout.write('ready\n');
  // Anything but the end of the pipe is the word that all is well.
  if ((await inbox.next()) !== undefined) process.exit(0);
  const report = await guardDeployment(first);
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
}
