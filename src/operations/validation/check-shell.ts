import { availableParallelism } from 'node:os';
import {
  checkScripts,
  type Script,
  type ShellcheckFinding,
  type ShellcheckSeverity,
} from '../../adapters/shellcheck/check.ts';
import { findShellcheck } from '../../adapters/shellcheck/find.ts';
import { type Download, installShellcheck } from '../../adapters/shellcheck/install.ts';
import { printable } from '../../core/names.ts';
import type { Problem } from '../../core/problem.ts';
import type { Reporter } from '../reporter.ts';

export interface ShellcheckSetting {
  /** `off`: not at all. */
  readonly severity: ShellcheckSeverity | 'off';
  /** Whether somebody asked for it: then it is an error when it can't run. */
  readonly required: boolean;
  /** The PATH to look for it on. */
  readonly path: string;
  /** Where the program is kept that is fetched when there is none. */
  readonly toolCache: string;
  readonly download?: Download;
}

export interface OwnedScript extends Script {
  readonly service: string;
}

/** A setting with which it is to run. */
export type ActiveSetting = ShellcheckSetting & { readonly severity: ShellcheckSeverity };

/** What ShellCheck says about the scripts of all services. */
export async function checkShell(
  top: string,
  scripts: readonly OwnedScript[],
  setting: ActiveSetting,
  reporter: Reporter,
): Promise<Problem[]> {
  const found = await shellcheckProgram(setting, reporter);
  if (typeof found !== 'string') {
    return [unavailable(scripts.length, setting.required, found.reason, scripts[0]?.path ?? '')];
  }
  // A script that several services have in their inputs is checked once.
  const owners = new Map(scripts.map((script) => [script.path, script]));
  const result = await checkScripts({
    binary: found,
    top,
    scripts: [...owners.values()],
    severity: setting.severity,
    jobs: availableParallelism(),
  });
  return [
    ...result.findings.map((finding) => problemOf(finding, owners.get(finding.path)?.service)),
    ...result.failures.map(({ path, reason }) => failed(path, reason, owners.get(path)?.service)),
  ];
}

async function shellcheckProgram(
  setting: ShellcheckSetting,
  reporter: Reporter,
): Promise<string | { readonly reason: string }> {
  const onPath = findShellcheck(setting.path);
  if (onPath !== undefined) return onPath;
  reporter.info('There is no shellcheck on PATH; the tool cache is asked for one.');
  try {
    return await installShellcheck(setting.toolCache, setting.download);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

function problemOf(finding: ShellcheckFinding, service: string | undefined): Problem {
  const rule = `SC${finding.code}`;
  return {
    rule,
    severity: finding.level === 'error' ? 'error' : 'warning',
    message: printable(finding.message, 500),
    remedy: `See https://www.shellcheck.net/wiki/${rule}`,
    place: { file: finding.path, line: finding.line, column: finding.column },
    ...(service === undefined ? {} : { service }),
  };
}

function failed(path: string, reason: string, service: string | undefined): Problem {
  return {
    rule: 'shellcheck-failed',
    severity: 'error',
    message: `ShellCheck could not check ${printable(path)} (${printable(reason, 120)}).`,
    remedy: 'Run shellcheck on it by hand; split it if it is large.',
    place: { file: path, line: 1 },
    ...(service === undefined ? {} : { service }),
  };
}

function unavailable(count: number, required: boolean, reason: string, file: string): Problem {
  return {
    rule: 'shellcheck-unavailable',
    severity: required ? 'error' : 'warning',
    message: `ShellCheck did not run, so ${count} scripts were not checked: it is not on PATH, and fetching it failed (${printable(reason, 160)}).`,
    remedy:
      'Install it (Debian and Ubuntu: apt-get install shellcheck), or set the input `shellcheck` to off.',
    place: { file, line: 1 },
  };
}
