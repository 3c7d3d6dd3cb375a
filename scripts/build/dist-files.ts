import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { actionNames, isJavaScript, readActionFile } from '../generate/action-file.ts';
import { bundle } from './bundle.ts';
import { compileSources } from './compile.ts';
import { licenseNotices } from './licenses.ts';
import { packagesOf } from './modules.ts';

/** A file of `dist/`. */
export interface DistFile {
  readonly content: string;
  readonly executable: boolean;
}

/** All of `dist/`, by path; the same bytes wherever the checkout lies. */
export async function makeDistFiles(root: string): Promise<Map<string, DistFile>> {
  const workshop = compileSources(root);
  try {
    const hasCli = existsSync(join(root, 'src/cli/main.ts'));
    const { files, modules } = await bundle(workshop.folder, entry(hasCli));
    const dist = new Map<string, DistFile>();
    // The checkout's own package.json says otherwise.
    dist.set('package.json', { content: '{ "type": "commonjs" }\n', executable: false });
    for (const [path, content] of files) dist.set(path, { content, executable: false });
    for (const action of actionNames(root)) {
      const file = readActionFile(root, action);
      if (!isJavaScript(file)) continue;
      dist.set(`${action}/index.js`, { content: actionEntry(action), executable: false });
      if (file.runs.post === undefined) continue;
      dist.set(`${action}/post.js`, { content: actionEntry(action, 'post'), executable: false });
    }
    if (hasCli) dist.set('cli/index.js', { content: cliEntry, executable: true });
    dist.set('guardian/index.js', { content: guardianEntry, executable: false });
    dist.set('licenses.txt', {
      content: licenseNotices(packagesOf(modules, workshop.folder)),
      executable: false,
    });
    return dist;
  } finally {
    workshop.remove();
  }
}

/**
 * What `dist/launch.js` offers. The way into the actions lies in the same file, which saves each of them the
 * loading of another; the command comes with a file of its own. Neither runs anything of the other.
 */
function entry(hasCli: boolean): string {
  const start = enter('start', 'name, stage, early', '/* webpackMode: "eager" */ ', './src/actions/main.js');
  const cli = enter('runCli', 'early', '', './src/cli/main.js');
  const guard = enter('guard', '', '', './src/guardian/main.js');
  return [start, guard, ...(hasCli ? [cli] : [])].join('\n');
}

function enter(name: string, given: string, mode: string, file: string): string {
  return `export const ${name} = async (${given}) => await (await import(${mode}'${file}')).${name}(${given});`;
}

function actionEntry(action: string, stage?: 'post'): string {
  return stage === 'post'
    ? `require('${sharedBundle}').start('${action}', 'post');\n`
    : `${noteSignals}require('${sharedBundle}').start('${action}', 'main', early);\n`;
}

/** What comes while the rest is still being loaded is not to end the process without a word. */
const noteSignals = `const early = { came: [], note: (signal) => early.came.push(signal) };
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, early.note);
`;

/** From a folder of `dist/`. */
const sharedBundle = '../launch.js';

const guardianEntry = `require('${sharedBundle}').guard();\n`;

/** An older Node would fail somewhere inside, and not say why. */
const cliEntry = `#!/usr/bin/env node
${noteSignals}const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  console.error(\`launch needs Node 24 or later, and this is Node \${process.versions.node}. Install it, for example with npm install --global node@24.\`);
  process.exitCode = 1;
} else {
  require('${sharedBundle}').runCli(early);
}
`;
