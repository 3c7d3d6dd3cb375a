import { type EngineApi, openEngine } from '../adapters/engine/api.ts';
import { dataRoot } from '../adapters/engine/data-root.ts';
import { findEndpoint } from '../adapters/engine/endpoint.ts';
import { engineInfo } from '../adapters/engine/engine-info.ts';
import { aheadOf } from '../adapters/host/remote-clock.ts';
import { run, succeeded } from '../adapters/process/run.ts';
import { leastForImages } from '../core/deploy/space.ts';
import {
  type ClockReading,
  type Finding,
  failed,
  judgeClock,
  judgeCompose,
  judgeEngine,
  judgeFreeSpace,
  warning,
} from '../core/diagnosis.ts';
import { LaunchError } from '../core/errors.ts';

export interface DiagnosedEngine {
  readonly findings: readonly Finding[];
  /** Undefined when it does not answer; to be closed. */
  readonly api: EngineApi | undefined;
  readonly clock: ClockReading;
}

/** The engine, its disk and its clock. `needed`: by a service that is, or would be, deployed with compose. */
export async function diagnoseEngine(env: NodeJS.ProcessEnv, needed: boolean): Promise<DiagnosedEngine> {
  let api: EngineApi | undefined;
  try {
    api = openEngine(await findEndpoint(env));
    const found = await engineInfo(api);
    return {
      findings: [judgeEngine(found), ...(await diagnoseDataRoot(api))],
      api,
      clock: { of: 'the Docker Engine', aheadMs: found.aheadMs },
    };
  } catch (error) {
    api?.close();
    if (!(error instanceof LaunchError)) throw error;
    const remedy = `${error.remedy} Services with the driver \`script\` deploy without it.`;
    const finding = (needed ? failed : warning)('docker engine', error.summary, remedy);
    return { findings: [finding], api: undefined, clock: { of: 'the Docker Engine', aheadMs: undefined } };
  }
}

async function diagnoseDataRoot(api: EngineApi): Promise<Finding[]> {
  try {
    const root = await dataRoot(api);
    // Of an engine on another machine nothing is known.
    return root === undefined ? [] : [judgeFreeSpace({ of: 'images', ...root }, leastForImages)];
  } catch {
    return [
      warning(
        'disk of Docker',
        'could not be read',
        'Run this as a user who may read where Docker keeps its data.',
      ),
    ];
  }
}

export async function diagnoseCompose(env: NodeJS.ProcessEnv, needed: boolean): Promise<Finding> {
  const ask = async (...command: [string, ...string[]]) => {
    const result = await run(command, { env, timeout: 10_000 });
    return succeeded(result) ? result.stdout : undefined;
  };
  const [plugin, standalone] = await Promise.all([
    ask('docker', 'compose', 'version', '--short'),
    ask('docker-compose', 'version', '--short'),
  ]);
  return judgeCompose({ plugin, standalone }, needed);
}

/** Longer than an answer of GitHub takes, and short enough for a machine without a network. */
const clockTimeoutMs = 2000;

export async function diagnoseClock(apiUrl: string, engine: ClockReading): Promise<Finding> {
  const of = URL.canParse(apiUrl) ? new URL(apiUrl).host : 'GitHub';
  return judgeClock([engine, { of, aheadMs: await aheadOf(apiUrl, clockTimeoutMs) }]);
}
