// Stands in for GitHub's command line: `node gh.ts ARGUMENT...`. It refuses commands and options that the real one does
// not have, and secrets that are empty. Watching a run is deploying what the run would deploy: all of it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ghCommands } from './gh-commands.ts';

const words = process.argv.slice(2);
const name = [2, 1].map((count) => words.slice(0, count).join(' ')).find((it) => it in ghCommands);
if (name === undefined) throw new Error(`gh has no command ${words.join(' ')}`);
for (const word of words.filter((it) => /^-{1,2}[a-z]/i.test(it))) {
  const option = word.split('=')[0] ?? '';
  if (ghCommands[name]?.includes(option) !== true) throw new Error(`gh ${name} has no option ${option}`);
}
// At a terminal it would ask.
if (name === 'secret set' && readFileSync(0, 'utf8').trim() === '') throw new Error('a secret is empty');
if (name === 'run watch') {
  execFileSync('launch', ['deploy', 'config-service', 'rate-limiter', 'image-gen'], { stdio: 'inherit' });
}
