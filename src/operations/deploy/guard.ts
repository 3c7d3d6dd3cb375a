import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openServiceState } from '../../adapters/state/service-state.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Reporter } from '../reporter.ts';
import { driverFor } from './driver-for.ts';
import type { GuardianReport } from './guardian.ts';
import { unpackDeployment } from './pack-deployment.ts';
import { recover } from './recover.ts';

/** The engine may be restarting; after that it is for a person, or the next run. */
const tries = 60;
const pauseMs = 5000;

/** Brings a deployment to an end whose process is gone. What it does is told in a file beside the journal. */
export async function guardDeployment(packed: Uint8Array): Promise<GuardianReport> {
  let log = '';
  let written = Promise.resolve();
  const say = (line: string) => {
    const text = `${new Date().toISOString()} ${line}\n`;
    // A disk without room for it is no reason to stop.
    written = written.then(async () => await appendFile(log, text, { mode: 0o600 }).catch(() => {}));
  };
  const { deployment, folder, shared } = unpackDeployment(packed, logReporter(say));
  log = join(folder, layout.guardianLog);
  await writeFile(log, '', { mode: shared ? 0o660 : 0o600 }).catch(() => {});
  const { reporter } = deployment;
  reporter.info(`The process that deployed ${deployment.owner.service} is gone: its guardian takes over.`);
  const state = openServiceState(folder, shared);
  for (let left = tries; ; left -= 1) {
    const driver = await driverFor(deployment, folder, state);
    try {
      await driver.assertReady();
      const recovered = await recover(deployment, state, driver);
      await written;
      return {
        release: recovered.kind === 'nothing' ? undefined : recovered.release,
        outcome: recovered.kind,
        status:
          recovered.kind === 'finished'
            ? 'deployed'
            : recovered.kind === 'undone'
              ? recovered.outcome.status
              : undefined,
        reason: recovered.kind === 'undone' ? recovered.outcome.notPutBack : undefined,
      };
    } catch (error) {
      const why = error instanceof LaunchError ? error.message : String(error);
      reporter.warning(why);
      await written;
      if (left <= 1) {
        return { release: undefined, outcome: 'failed', status: 'failed', reason: deployment.redact(why) };
      }
      await sleep(pauseMs);
    } finally {
      driver.close();
      // The lock is still held: nobody else has a login there.
      await rm(join(folder, layout.login), { recursive: true, force: true }).catch(() => {});
    }
  }
}

function logReporter(say: (line: string) => void): Reporter {
  return {
    group: async (title, body) => {
      say(title);
      return await body();
    },
    info: say,
    warning: (message) => say(`warning: ${message}`),
    debug: () => {},
    output: say,
  };
}
