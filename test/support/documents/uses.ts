// Whether what YAML hands to Launch's actions and reusable workflows, and takes from them, exists.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { actionNames, readActionFile } from '../../../scripts/generate/action-file.ts';
import { ROOT } from '../source-tree.ts';

interface Interface {
  readonly inputs: readonly string[];
  readonly required: readonly string[];
  readonly outputs: readonly string[];
  readonly secrets: readonly string[];
}

const actions = new Map(
  actionNames(ROOT).map((name): [string, Interface] => {
    const { inputs, outputs } = readActionFile(ROOT, name);
    const required = Object.keys(inputs).filter((it) => inputs[it]?.required === true);
    return [name, { inputs: Object.keys(inputs), required, outputs: Object.keys(outputs), secrets: [] }];
  }),
);

const named = z._default(z.record(z.string(), z.unknown()), {});
const called = z.object({
  on: z.object({ workflow_call: z.object({ inputs: named, outputs: named, secrets: named }) }),
});

function workflow(file: string): Interface | undefined {
  const path = join(ROOT, '.github/workflows', file);
  if (!existsSync(path)) return undefined;
  const { success, data } = z.safeParse(called, parse(readFileSync(path, 'utf8')));
  if (!success) return undefined;
  const { inputs, outputs, secrets } = data.on.workflow_call;
  const required = Object.keys(inputs).filter((it) => Object(inputs[it]).required === true);
  const keys = { inputs: Object.keys(inputs), outputs: Object.keys(outputs), secrets: Object.keys(secrets) };
  return { ...keys, required };
}

/** One sentence for each thing that is not there. `text` is the YAML, in which outputs are looked for. */
export function wrongUses(yaml: unknown, text: string): string[] {
  const found = usesIn(yaml);
  const byReference = new Map(
    found.flatMap(({ reference, of }) => (reference === undefined ? [] : [[reference, of] as const])),
  );
  return [
    ...found.flatMap(({ uses, of, inputs, secrets }) => {
      if (of === undefined) return [`${uses}: there is no such action or workflow`];
      return [
        ...inputs.filter((it) => !of.inputs.includes(it)).map((it) => `${uses} has no input ${it}`),
        ...secrets.filter((it) => !of.secrets.includes(it)).map((it) => `${uses} takes no secret ${it}`),
        ...of.required.filter((it) => !inputs.includes(it)).map((it) => `${uses} requires ${it}`),
      ];
    }),
    ...Array.from(text.matchAll(/\b((?:steps|needs)\.[\w-]+)\.outputs\.([\w-]+)/g)).flatMap(
      ([all, reference = '', output = '']) => {
        const of = byReference.get(reference);
        return of === undefined || of.outputs.includes(output) ? [] : [`${all}: there is no such output`];
      },
    ),
  ];
}

interface Use {
  readonly uses: string;
  /** How its outputs are asked for: `steps.<id>`, or `needs.<job>` of one that calls a workflow. */
  readonly reference: string | undefined;
  readonly of: Interface | undefined;
  readonly inputs: readonly string[];
  readonly secrets: readonly string[];
}

function usesIn(value: unknown, key?: string): Use[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([name, it]) => usesIn(it, name));
  const { uses, id, with: given, secrets } = value as Record<string, unknown>;
  const [, action, file] =
    /^(?:org\/launch|\$)\/(?:actions\/([\w-]+)|\.github\/workflows\/([\w.-]+\.yml))(?:@|$)/.exec(
      String(uses),
    ) ?? [];
  if (action === undefined && file === undefined) {
    return /^(org\/launch|\$)\//.test(String(uses))
      ? [...below, { uses: String(uses), reference: undefined, of: undefined, inputs: [], secrets: [] }]
      : below;
  }
  const own: Use = {
    uses: String(uses),
    reference: file === undefined ? (typeof id === 'string' ? `steps.${id}` : undefined) : `needs.${key}`,
    of: file === undefined ? actions.get(action ?? '') : workflow(file),
    inputs: Object.keys(Object(given)),
    secrets: typeof secrets === 'string' ? [] : Object.keys(Object(secrets)),
  };
  return [...below, own];
}
