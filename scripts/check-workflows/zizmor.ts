import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { describeOutcome, run, succeeded } from '../../src/adapters/process/run.ts';
import type { Finding, Linter } from './finding.ts';

const output = z.array(
  z.object({
    ident: z.string(),
    desc: z.string(),
    locations: z.array(
      z.object({
        symbolic: z.object({ key: z.looseObject({}), kind: z.unknown() }),
        concrete: z.object({ location: z.object({ start_point: z.object({ row: z.number() }) }) }),
      }),
    ),
  }),
);

const fileKey = z.object({ Local: z.object({ verbatim_path: z.string() }) });

const config = '.github/zizmor.yml';

/** The strictest persona, and nothing from the network. An ignore without a reason is a finding, too. */
export const zizmor: Linter = {
  name: 'zizmor',
  async run(root, files) {
    if (files.length === 0) return { outcome: 'ran', findings: [], excepted: 0 };
    const settings = existsSync(join(root, config)) ? `--config=${config}` : '--no-config';
    const result = await run(
      [
        ...(['zizmor', '--offline', '--persona=auditor', '--strict-collection'] as const),
        ...['--format=json-v1', '--no-exit-codes', settings, ...files],
      ],
      { cwd: root, env: process.env },
    );
    if (!succeeded(result)) {
      return { outcome: 'could-not-run', reason: `${describeOutcome(result)} ${result.stderr}`.trim() };
    }
    const findings = z.parse(output, JSON.parse(result.stdout)).map(findingOf);
    const ignores = files.flatMap((file) => ignoresIn(root, file));
    return {
      outcome: 'ran',
      excepted: ignores.length,
      findings: [...findings, ...ignores.filter(({ reason }) => !isReason(reason)).map(bare)],
    };
  },
};

function findingOf(it: z.infer<typeof output>[number]): Finding {
  const place = it.locations.find(({ symbolic }) => symbolic.kind === 'Primary') ?? it.locations[0];
  const key = z.safeParse(fileKey, place?.symbolic.key);
  return {
    file: key.success ? key.data.Local.verbatim_path : '?',
    line: (place?.concrete.location.start_point.row ?? 0) + 1,
    message: `${it.desc} [${it.ident}]`,
  };
}

interface Ignore {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

function ignoresIn(root: string, file: string): Ignore[] {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const reason = /zizmor:\s*ignore\[[^\]]*\](.*)$/.exec(text)?.[1];
      return reason === undefined ? [] : [{ file, line: index + 1, reason }];
    });
}

/** At least a few words behind the bracket, on the same line. */
function isReason(text: string): boolean {
  return text.trim().split(/\s+/).length >= 3;
}

function bare({ file, line }: Ignore): Finding {
  return { file, line, message: 'zizmor is told to ignore something without a reason' };
}
