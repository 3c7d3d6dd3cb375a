// A compose project that somebody has started by hand, from a folder of their own, before Launch came.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Adoption, type AdoptRequest, adoptService } from '../../src/operations/adopt-service.ts';
import type { DeployHost } from './deploy-host.ts';
import { recordingReporter } from './recording-reporter.ts';
import { temporaryFolder } from './repository.ts';

export interface OldProject {
  /** Where its compose file is. */
  readonly place: string;
  write(files: Readonly<Record<string, string>>): void;
  up(...args: readonly string[]): void;
  compose(...args: readonly string[]): string;
}

/** The service's folder as it is checked out, copied elsewhere; nothing of it runs yet. */
export function oldProject(
  host: DeployHost,
  env: Readonly<Record<string, string>> = {},
  project = host.service,
): OldProject {
  const place = join(temporaryFolder('launch-old-'), 'by-hand');
  cpSync(join(host.repository.path, 'services', host.service), place, { recursive: true });
  for (const name of ['service.yml', 'target.txt']) rmSync(join(place, name), { force: true });
  const compose = (...args: readonly string[]) =>
    execFileSync('docker', ['compose', '--project-name', project, ...args], {
      cwd: place,
      encoding: 'utf8',
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
  return {
    place,
    write(files) {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(place, path)), { recursive: true });
        writeFileSync(join(place, path), content);
      }
    },
    up: (...args) => void compose('up', '--detach', ...args),
    compose,
  };
}

export interface Adopting {
  adopt(changes?: Partial<AdoptRequest>): Promise<Adoption>;
  readonly warnings: readonly string[];
}

export function adopting(host: DeployHost): Adopting {
  const reporter = recordingReporter();
  return {
    warnings: reporter.warnings,
    adopt: async (changes = {}) => {
      const { cwd, service, secrets, env, timeoutMs, stateDir, repository, by, hostEnv, steadyMs } =
        host.request();
      const asked = { cwd, service, secrets, env, timeoutMs, stateDir, repository, by, hostEnv, steadyMs };
      return await adoptService({ ...asked, dryRun: false, ...changes }, reporter);
    },
  };
}
