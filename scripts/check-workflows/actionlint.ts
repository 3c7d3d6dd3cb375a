import * as z from 'zod/mini';
import { describeOutcome, run } from '../../src/adapters/process/run.ts';
import { type Finding, isAction, type Linter } from './finding.ts';

const output = z.array(
  z.object({ message: z.string(), filepath: z.string(), line: z.number(), kind: z.string() }),
);

/**
 * What actionlint 1.7.12 does not know yet and takes for mistakes; matched to the letter, so that nothing else
 * hides behind them.
 */
const exceptions: readonly RegExp[] = [
  // An action of the same repository at the commit that runs, since 2026-07-30.
  /^specifying action "\$\/actions\/[a-z0-9-]+" in invalid format because ref is missing\. available formats are "\{owner\}\/\{repo\}@\{ref\}" or "\{owner\}\/\{repo\}\/\{path\}@\{ref\}"$/,
  // Pending runs wait in order, since 2026-05-07.
  /^unexpected key "queue" for "concurrency" section\. expected one of "cancel-in-progress", "group"$/,
];

/** Checks workflows only; it also runs shellcheck on their scripts, when there is one. */
export const actionlint: Linter = {
  name: 'actionlint',
  async run(root, files) {
    const workflows = files.filter((file) => !isAction(file));
    if (workflows.length === 0) return { outcome: 'ran', findings: [], excepted: 0 };
    const result = await run(['actionlint', '-no-color', '-format', '{{json .}}', ...workflows], {
      cwd: root,
      env: process.env,
    });
    // 1: it found something.
    if (result.outcome !== 'exited' || result.exitCode > 1) {
      return { outcome: 'could-not-run', reason: `${describeOutcome(result)} ${result.stderr}`.trim() };
    }
    const all = z.parse(output, JSON.parse(result.stdout));
    const findings = all.filter(({ message }) => !exceptions.some((pattern) => pattern.test(message)));
    return {
      outcome: 'ran',
      excepted: all.length - findings.length,
      findings: findings.map(
        (it): Finding => ({ file: it.filepath, line: it.line, message: `${it.message} [${it.kind}]` }),
      ),
    };
  },
};
