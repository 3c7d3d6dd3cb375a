import type { Reporter } from '../../src/operations/reporter.ts';

/** Keeps what an operation tells, for tests to read. */
export function recordingReporter(): Reporter & { readonly lines: string[]; readonly warnings: string[] } {
  const lines: string[] = [];
  const warnings: string[] = [];
  return {
    lines,
    warnings,
    group: async (title, body) => {
      lines.push(title);
      return await body();
    },
    info: (line) => void lines.push(line),
    warning: (message) => void warnings.push(message),
    debug: () => {},
    output: (line) => void lines.push(line),
  };
}
