import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from '../../src/core/markdown.ts';
import { type ActionFile, actionNames, readActionFile } from './action-file.ts';
import type { Generator } from './generator.ts';
import { cell, replaceSection } from './markdown-section.ts';

/** The tables of inputs and outputs in each action's README, from its action.yml. */
export const actionReadmes: Generator = {
  name: 'tables of the READMEs of the actions',
  run: (root) =>
    new Map(
      actionNames(root).map((name) => {
        const path = `actions/${name}/README.md`;
        const action = readActionFile(root, name);
        let text = readFileSync(join(root, path), 'utf8');
        for (const [section, content] of [
          ['inputs', inputsTable(action)],
          ['outputs', outputsTable(action)],
        ] as const) {
          const replaced = replaceSection(text, section, content);
          if (replaced === undefined)
            throw new Error(`${path} lacks the markers <!-- ${section}:start --> …`);
          text = replaced;
        }
        return [path, text];
      }),
    ),
};

/** The list of actions in the top README, where that has a place for it. */
export const actionList: Generator = {
  name: 'list of actions',
  run(root) {
    const text = readFileSync(join(root, 'README.md'), 'utf8');
    const rows = actionNames(root).map((name) => [
      `[\`${name}\`](actions/${name}/)`,
      cell(readActionFile(root, name).description),
    ]);
    const replaced = replaceSection(text, 'actions', table(['action', 'what it does'], rows));
    return new Map(replaced === undefined ? [] : [['README.md', replaced]]);
  },
};

export function inputsTable(action: ActionFile): string {
  const rows = Object.entries(action.inputs).map(([name, input]) => [
    `\`${name}\``,
    cell(input.description),
    input.required === true ? 'required' : defaultCell(input.default),
  ]);
  return rows.length === 0 ? 'None.' : table(['input', 'meaning', 'default'], rows);
}

export function defaultCell(value: string | number | boolean | undefined): string {
  const text = String(value ?? '');
  return text === '' ? '' : `\`${cell(text)}\``;
}

export function outputsTable(action: ActionFile): string {
  const rows = Object.entries(action.outputs).map(([name, output]) => [
    `\`${name}\``,
    cell(output.description),
  ]);
  return rows.length === 0 ? 'None.' : table(['output', 'meaning'], rows);
}
