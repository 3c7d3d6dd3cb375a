import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

const manifest = z.object({
  name: z.string(),
  version: z.optional(z.string()),
  license: z.optional(z.string()),
});

/** The notices of every package whose code is in the bundle, as their licences ask for. */
export function licenseNotices(packageFolders: readonly string[]): string {
  const notices = new Map<string, string>();
  for (const folder of packageFolders) {
    const { name, version, license } = z.parse(
      manifest,
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    );
    // The stand-ins are this repository's own.
    if (version === undefined) continue;
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
      .sort()
      .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
    notices.set(
      `${name} ${version}`,
      [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n'),
    );
  }
  const all = [...notices].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
  return `${all.join(`\n\n${'-'.repeat(78)}\n\n`)}\n`;
}
