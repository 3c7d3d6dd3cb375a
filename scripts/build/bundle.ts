import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { minify } from '@swc/core';
import ncc from '@vercel/ncc';
import { type BundledModule, bundledTwice, missingModules, readModules, statsOptions } from './modules.ts';

/** The files of `dist/` that hold code, by name, and what they are made of. */
export interface Bundle {
  readonly files: ReadonlyMap<string, string>;
  readonly modules: readonly BundledModule[];
}

/**
 * One ncc build of `entry` (JavaScript, relative to `folder`): the main file `launch.js`, and a file for what
 * is imported on use. Nothing is in it twice.
 */
export async function bundle(folder: string, entry: string): Promise<Bundle> {
  const main = join(folder, 'launch.js');
  writeFileSync(join(folder, 'nothing.js'), 'export {};\n');
  writeFileSync(main, `import '!!${oneCopyLoader(folder)}!./nothing.js';\n${entry}\n`);
  const result = await inFolder(folder, async () => {
    return await ncc(main, {
      cache: false,
      esm: false,
      filename: 'launch.js',
      quiet: true,
      target: 'es2022',
    });
  });

  const stats = result.stats.toJson(statsOptions);
  refuse('imported and nowhere to be found', missingModules(stats));
  const modules = readModules(stats);
  refuse(
    'bundled more than once',
    bundledTwice(modules).map(({ file }) => file),
  );
  const assets = Object.entries(result.assets);
  refuse(
    'shipped as a file of its own',
    assets.map(([name]) => name).filter((name) => !isExpected(name)),
  );

  // CommonJS: what Node loads of it, it loads at once, and not by way of its loader of modules.
  const files = assets.map(([name, { source }]) => [name, Buffer.from(source).toString('utf8')] as const);
  return { files: await minifyAll({ ...Object.fromEntries(files), 'launch.js': result.code }), modules };
}

/** By a relative path, as all of webpack's ids are made of. */
function oneCopyLoader(folder: string): string {
  return relative(folder, join(import.meta.dirname, 'one-copy-loader.cjs'));
}

/** Webpack makes ids from paths relative to the current folder. */
async function inFolder<T>(folder: string, body: () => Promise<T>): Promise<T> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await body();
  } finally {
    process.chdir(before);
  }
}

function isExpected(asset: string): boolean {
  return /^\d+\.launch\.js$/.test(asset) || asset === 'package.json';
}

function refuse(what: string, names: readonly string[]): void {
  if (names.length > 0) throw new Error(`${what}: ${names.join(', ')}`);
}

/** Class names stay, because people read them in stack traces and libraries compare them. */
async function minifyAll(files: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const minified = new Map<string, string>();
  for (const [name, text] of Object.entries(files).sort()) {
    if (!name.endsWith('.js')) {
      minified.set(name, text);
      continue;
    }
    const { code } = await minify(text, {
      toplevel: true,
      ecma: 2022,
      compress: { ecma: 2022, passes: 2 },
      mangle: { keep_classnames: true },
      format: { comments: false },
    });
    minified.set(name, `${code}\n`);
  }
  return minified;
}
