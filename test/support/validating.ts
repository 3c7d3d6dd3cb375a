// Validation of temporary repositories, with the machine's real shellcheck and compose.
import type { Problem } from '../../src/core/problem.ts';
import type { Report } from '../../src/core/validation/report.ts';
import { silentReporter } from '../../src/operations/reporter.ts';
import { type ValidationRequest, validateServices } from '../../src/operations/validate-services.ts';
import { createRepository, type Files, type Repository, temporaryFolder } from './repository.ts';

/** A script that nothing is wrong with. */
export const goodScript = { executable: '#!/usr/bin/env bash\nset -euo pipefail\necho "done"\n' };

/** A script service that nothing is wrong with. */
export function scriptService(name: string): Files {
  return {
    [`services/${name}/README.md`]: `# ${name}\n`,
    [`services/${name}/deploy.sh`]: goodScript,
    [`services/${name}/health-check.sh`]: goodScript,
  };
}

/** A compose service that nothing is wrong with, besides what is in `compose`. */
export function composeService(name: string, compose: string): Files {
  return {
    [`services/${name}/README.md`]: `# ${name}\n`,
    [`services/${name}/health-check.sh`]: goodScript,
    [`services/${name}/compose.yml`]: compose,
  };
}

export function repositoryWith(files: Files): Repository {
  const repository = createRepository();
  repository.commit({
    'launch.yml': 'targets: { homelab: { runs-on: homelab } }\ndefaults: { target: homelab }\n',
    ...files,
  });
  return repository;
}

export async function validate(path: string, request: Partial<ValidationRequest> = {}): Promise<Report> {
  return await validateServices(
    {
      top: path,
      root: '',
      services: 'all',
      shellcheck: {
        severity: 'warning',
        required: false,
        path: process.env['PATH'] ?? '',
        toolCache: temporaryFolder(),
        download: async () => {
          throw new Error('there is no network in this test');
        },
      },
      failOn: 'error',
      env: process.env,
      ...request,
    },
    silentReporter,
  );
}

/** `rule file:line`, the shortest that tells a problem from another. */
export function brief(problems: readonly Problem[]): string[] {
  return problems.map(
    ({ rule, place }) => `${rule} ${place.file}${place.line === undefined ? '' : `:${place.line}`}`,
  );
}

export async function validateFiles(
  files: Files,
  request: Partial<ValidationRequest> = {},
): Promise<string[]> {
  return brief((await validate(repositoryWith(files).path, request)).problems);
}
