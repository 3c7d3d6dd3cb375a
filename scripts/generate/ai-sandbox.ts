import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Generator } from './generator.ts';

const template = 'services/ai-sandbox/docker-compose.yml.template';

/** In this order: functions may be used before they are defined, but `main.sh` runs them. */
const parts = [
  'header',
  'settings',
  'models',
  'report',
  'checks',
  'driver',
  'docker',
  'configure',
  'download',
  'start',
  'main',
] as const;

/** The most that the provider takes as a StackScript, in characters. */
const limit = 65_535;

const marker = 'COMPOSE_FILE_OF_THE_SANDBOX';

/** The stack of the AI sandbox, as a service of Launch and inside its StackScript, from one template. */
export const aiSandbox: Generator = {
  name: 'AI sandbox',
  run(root) {
    const read = (path: string) => readFileSync(join(root, path), 'utf8');
    const compose = read(template);
    const sources = parts.map((part) => read(`stackscripts/ai-sandbox/${part}.sh`));
    return new Map([
      [
        'services/ai-sandbox/compose.yml',
        `# Generated from ${template} by \`npm run generate\`.\n#\n${compose}`,
      ],
      ['stackscripts/ai-sandbox.sh', joinScript(sources, compose)],
    ]);
  },
};

/** One script of these parts; the last one is `main`. The compose file is a function that prints it as it is. */
export function joinScript(sources: readonly string[], compose: string): string {
  if (compose.split('\n').includes(marker)) throw new Error(`The template has the line ${marker}.`);
  const embedded = `compose_template() {\n  cat <<'${marker}'\n${compose.trimEnd()}\n${marker}\n}\n`;
  const bodies = sources.map((source) => source.replace(/^# shellcheck shell=.*\n+/, ''));
  const script = [...bodies.slice(0, -1), embedded, ...bodies.slice(-1)].join('\n');
  if (script.length > limit) {
    throw new Error(`The StackScript has ${script.length} characters; the provider takes ${limit}.`);
  }
  return script;
}
