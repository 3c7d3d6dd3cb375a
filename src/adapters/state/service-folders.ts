import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The state folders of all services below a root, as absolute paths in order: `<owner>/<repository>/<target>/<service>`. */
export async function serviceFolders(root: string): Promise<string[]> {
  let folders = [root];
  for (let depth = 0; depth < 4; depth += 1) {
    const below = await Promise.all(
      folders.map(async (folder) => {
        const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
        return entries.filter((it) => it.isDirectory()).map((it) => join(folder, it.name));
      }),
    );
    folders = below.flat();
  }
  return folders.sort();
}
