import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A folder where the bundler finds everything; `remove` when done with it. */
export interface Workshop {
  readonly folder: string;
  remove(): void;
}

/**
 * The sources as JavaScript, in a folder inside of the checkout, so that the checkout's packages resolve. Each
 * build has a folder of its own at the same depth: two at once don't meet, and module ids, which are made
 * from relative paths, come out the same.
 */
export function compileSources(root: string): Workshop {
  mkdirSync(join(root, 'build'), { recursive: true });
  const folder = realpathSync(mkdtempSync(join(root, 'build', 'work-')));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync(
      process.execPath,
      [
        join(root, 'node_modules/typescript/bin/tsc'),
        '-p',
        join(root, 'tsconfig.build.json'),
        '--outDir',
        join(folder, 'src'),
        // Types are `npm run typecheck`'s business; here a second time they would only cost.
        '--noCheck',
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    // Imported by the sources, from where it lies beside src.
    cpSync(join(root, 'schemas'), join(folder, 'schemas'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
    // ncc looks for one, and stumbles over its absence.
    writeFileSync(join(folder, 'tsconfig.json'), '{}\n');
    leaveOutOctokit(root, folder);
    leaveOutMostOfUndici(root, folder);
    placeStandIns(root, folder);
    leaveOutFileTypes(root, folder);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, remove };
}

/**
 * Gives `@actions/core`, and nobody else, stand-ins for what it needs seldom and loads at once: a copy of the
 * package lies nearer to the sources than the installed one, and has the stand-ins among its own packages.
 * A stand-in finds the package it stands for as `real-<name>`. Of core's code one import is changed, because a
 * bundler never looks for Node's own modules in a folder.
 */
function placeStandIns(root: string, folder: string): void {
  const core = join(folder, 'node_modules/@actions/core');
  cpSync(join(root, 'node_modules/@actions/core'), core, { recursive: true });
  for (const name of ['exec', 'http-client']) {
    const standIn = join(core, 'node_modules/@actions', name);
    cpSync(join(root, 'scripts/build/stand-ins', name), standIn, { recursive: true });
    mkdirSync(join(standIn, 'node_modules'));
    const real = join(name === 'exec' ? root : folder, 'node_modules/@actions', name);
    symlinkSync(real, join(standIn, 'node_modules', `real-${name}`));
  }
  cpSync(join(root, 'scripts/build/stand-ins/random-uuid'), join(core, 'node_modules/random-uuid'), {
    recursive: true,
  });
  const file = join(core, 'lib/file-command.js');
  const [before, after, ...more] = readFileSync(file, 'utf8').split("from 'crypto';");
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error('@actions/core no longer imports crypto as it did: look at stand-ins/random-uuid again');
  }
  writeFileSync(file, `${before}from 'random-uuid';${after}`);
}

/** Gives the sources a copy of Nodemailer without its table of file types: Launch's mails have no attachments. */
function leaveOutFileTypes(root: string, folder: string): void {
  const copy = join(folder, 'node_modules/nodemailer');
  cpSync(join(root, 'node_modules/nodemailer'), copy, { recursive: true });
  const table = join(copy, 'dist/esm/mime-funcs/mime-types.js');
  const exported = [...readFileSync(table, 'utf8').matchAll(/^export \w+ (\w+)/gm)].map(([, name]) => name);
  if (exported.join() !== 'detectMimeType,detectExtension') {
    throw new Error('Nodemailer has another table of file types: look at stand-ins/mime-types again');
  }
  cpSync(join(root, 'scripts/build/stand-ins/mime-types/index.js'), table);
}

/** Gives the sources a copy of `@actions/github` without Octokit: of that package they take the fetch alone. */
function leaveOutOctokit(root: string, folder: string): void {
  cpSync(join(root, 'node_modules/@actions/github'), join(folder, 'node_modules/@actions/github'), {
    recursive: true,
  });
  cpSync(join(root, 'scripts/build/stand-ins/octokit'), join(folder, 'node_modules/@octokit'), {
    recursive: true,
  });
}

/** Gives the sources, and their HTTP client, a copy of undici that loads only what they take of it. */
function leaveOutMostOfUndici(root: string, folder: string): void {
  for (const name of ['undici', '@actions/http-client']) {
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  cpSync(join(root, 'scripts/build/stand-ins/undici'), join(folder, 'node_modules/undici'), {
    recursive: true,
  });
}
