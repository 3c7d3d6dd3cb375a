import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { printable } from '../../core/names.ts';
import { buildReport, type Report } from '../../core/validation/report.ts';
import type { Reporter } from '../reporter.ts';

const severity = z.enum(['error', 'warning']);
const reportFile = z.object({
  failOn: severity,
  services: z.array(z.object({ name: z.string(), path: z.string() })),
  problems: z.array(
    z.object({
      rule: z.string(),
      severity,
      message: z.string(),
      remedy: z.string(),
      place: z.object({
        file: z.string(),
        line: z.optional(z.number()),
        column: z.optional(z.number()),
        isFile: z.optional(z.literal(false)),
      }),
      service: z.optional(z.string()),
    }),
  ),
  notes: z.array(z.string()),
});

/** What validate-service wrote; undefined, with a warning, where that can't be read: a preview without it is still one. */
export async function readReport(path: string, reporter: Reporter): Promise<Report | undefined> {
  try {
    const data: unknown = JSON.parse(await readFile(path, 'utf8'));
    const { services, problems, ...rest } = z.parse(reportFile, data);
    // Counted anew, so that the numbers fit what is shown.
    return buildReport({ ...rest, services, problems: problems.map(withoutUndefined) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    reporter.warning(`The report of validate-service can't be read: ${printable(why)}`);
    return undefined;
  }
}

type Parsed = z.infer<typeof reportFile>['problems'][number];

/** An optional key that is there without a value is another type. */
function withoutUndefined({ place, service, ...problem }: Parsed): Report['problems'][number] {
  const { file, line, column, isFile } = place;
  return {
    ...problem,
    place: {
      file,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
      ...(isFile === undefined ? {} : { isFile }),
    },
    ...(service === undefined ? {} : { service }),
  };
}
