import type { RunsOn } from '../config/launch-file.ts';

/** A self-hosted runner as GitHub lists it. */
export interface Runner {
  readonly name: string;
  readonly online: boolean;
  readonly busy: boolean;
  readonly labels: readonly string[];
}

/** Whether a job with these labels would find a runner now. */
export type RunnerMatch =
  | { readonly kind: 'online'; readonly runners: readonly string[]; readonly busy: boolean }
  /** Runners have the labels, but none of them is online. */
  | { readonly kind: 'offline'; readonly runners: readonly string[] }
  /** No runner has all of the labels. */
  | { readonly kind: 'none'; readonly labels: readonly string[] }
  | { readonly kind: 'not-checked'; readonly why: string };

/** GitHub's own runners: `ubuntu-latest`, `windows-2025`, `macos-15-xlarge`. There is always one. */
const hosted = /^(ubuntu|windows|macos)-[a-z0-9.-]+$/i;

/** One runner must have every label; GitHub does not look at upper and lower case. */
export function matchRunners(runsOn: RunsOn, runners: readonly Runner[]): RunnerMatch {
  const unchecked = notCheckable(runsOn);
  if (unchecked !== undefined) return unchecked;
  const labels = labelsOf(runsOn);
  const able = runnersFor(runsOn, runners);
  if (able.length === 0) return { kind: 'none', labels };
  const online = able.filter((runner) => runner.online);
  if (online.length === 0) return { kind: 'offline', runners: able.map((runner) => runner.name) };
  return {
    kind: 'online',
    runners: online.map((runner) => runner.name),
    busy: online.every((runner) => runner.busy),
  };
}

/** Those that have every label, online or not. */
export function runnersFor(runsOn: RunsOn, runners: readonly Runner[]): Runner[] {
  if (notCheckable(runsOn) !== undefined) return [];
  const labels = labelsOf(runsOn);
  return runners.filter((runner) => {
    const has = new Set(runner.labels.map((label) => label.toLowerCase()));
    return labels.every((label) => has.has(label.toLowerCase()));
  });
}

/** Why these labels can't be looked up among self-hosted runners; undefined when they can. */
export function notCheckable(runsOn: RunsOn): (RunnerMatch & { readonly kind: 'not-checked' }) | undefined {
  if (typeof runsOn === 'object' && !Array.isArray(runsOn) && runsOn.group !== undefined) {
    return { kind: 'not-checked', why: 'it names a runner group' };
  }
  const labels = labelsOf(runsOn);
  const selfHosted = labels.some((label) => label.toLowerCase() === 'self-hosted');
  if (!selfHosted && labels.some((label) => hosted.test(label))) {
    return { kind: 'not-checked', why: 'it is a runner of GitHub' };
  }
  return undefined;
}

export function labelsOf(runsOn: RunsOn): readonly string[] {
  if (typeof runsOn === 'string') return [runsOn];
  if (Array.isArray(runsOn)) return runsOn;
  const { labels = [] } = runsOn;
  return typeof labels === 'string' ? [labels] : labels;
}

/** One line for people. */
export function describeMatch(target: string, match: RunnerMatch): string {
  switch (match.kind) {
    case 'online':
      return `${target}: ${match.runners.join(', ')} online${match.busy ? ', but busy' : ''}`;
    case 'offline':
      return `${whyMissing(target, match)} Start it; until then the job waits, for 24 hours at most.`;
    case 'none':
      return `${whyMissing(target, match)} Register one, or correct \`runs-on\` in launch.yml.`;
    case 'not-checked':
      return `${target}: not checked, ${match.why}`;
  }
}

/** Why nobody would take a job for the target, as a sentence. */
export function whyMissing(
  target: string,
  match: Extract<RunnerMatch, { kind: 'offline' } | { kind: 'none' }>,
): string {
  return match.kind === 'offline'
    ? `The target "${target}" has no runner online: ${match.runners.join(', ')} offline.`
    : `The target "${target}" has no runner: none has all of the labels ${match.labels.join(', ')}.`;
}
