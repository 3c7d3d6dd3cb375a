import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../../core/validation/report.ts';
import { toSarif } from '../../core/validation/sarif.ts';

export interface ReportFiles {
  readonly report: string;
  readonly sarif: string;
}

/** Writes the report as JSON and as SARIF into a new folder below `folder`, which another run can't overwrite. */
export async function writeReports(folder: string, report: Report): Promise<ReportFiles> {
  const own = await mkdtemp(join(folder, 'launch-validation-'));
  const files = { report: join(own, 'report.json'), sarif: join(own, 'report.sarif') };
  await writeFile(files.report, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(files.sarif, `${JSON.stringify(await toSarif(report), null, 2)}\n`);
  return files;
}
