import { dirname } from 'node:path/posix';
import { succeeded } from '../process/run.ts';
import type { AsRoot } from './as-root.ts';

export interface RootFile {
  readonly path: string;
  readonly mode: '0600' | '0644' | '0755';
  /** Of its folder, should that have to be made. */
  readonly folderMode: '0700' | '0755';
  readonly content: { readonly text: string } | { readonly file: string };
}

/** Files in folders that only root may write to. */
export interface RootFiles {
  /** Undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** The file appears whole or not at all; nobody ever sees it with other rights than `mode`. */
  write(file: RootFile): Promise<void>;
  /** Says whether it was there. */
  remove(path: string): Promise<boolean>;
  /** Removes the files of a folder whose names begin with `prefix`, but for one; says how many. */
  removeAllBut(folder: string, prefix: string, kept: string | undefined): Promise<number>;
}

export function rootFiles(root: AsRoot): RootFiles {
  return {
    async read(path) {
      const result = await root.run(['cat', '--', path]);
      return succeeded(result) ? result.stdout : undefined;
    },
    async write({ path, mode, folderMode, content }) {
      const draft = `${path}.new`;
      const what = `write ${path}`;
      const folder = dirname(path);
      if (!succeeded(await root.run(['test', '-d', folder]))) {
        await root.must(['install', '-d', '-m', folderMode, '--', folder], what);
      }
      const source = 'text' in content ? '/dev/null' : content.file;
      await root.must(['install', '-m', mode, '--', source, draft], what);
      if ('text' in content) {
        // By standard input: arguments are everybody's to see.
        await root.must(['dd', `of=${draft}`, 'status=none'], what, { input: content.text });
      }
      await root.must(['sync', '--', draft], what);
      await root.must(['mv', '-T', '--', draft, path], what);
    },
    async remove(path) {
      const isThere = succeeded(await root.run(['test', '-e', path]));
      if (isThere) await root.must(['rm', '-f', '--', path], `remove ${path}`);
      return isThere;
    },
    async removeAllBut(folder, prefix, kept) {
      if (!succeeded(await root.run(['test', '-d', folder]))) return 0;
      const but = kept === undefined ? [] : (['!', '-name', kept] as const);
      const found = await root.must(
        ['find', folder, '-maxdepth', '1', '-type', 'f', '-name', `${prefix}*`, ...but, '-print', '-delete'],
        `remove old files from ${folder}`,
      );
      return found.split('\n').filter((line) => line !== '').length;
    },
  };
}
