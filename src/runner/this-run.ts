import type { ThisRun } from '../adapters/github/run-jobs.ts';

/** The workflow run that this process is a part of. */
export function thisRun(): ThisRun {
  return {
    repository: process.env['GITHUB_REPOSITORY'] ?? '',
    runId: process.env['GITHUB_RUN_ID'] ?? '',
    attempt: process.env['GITHUB_RUN_ATTEMPT'] ?? '1',
  };
}

export function apiUrl(): string {
  return process.env['GITHUB_API_URL'] ?? 'https://api.github.com';
}
