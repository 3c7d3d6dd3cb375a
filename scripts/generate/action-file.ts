import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const actionFile = z.object({
  name: z.string(),
  description: z.string(),
  author: z.optional(z.string()),
  branding: z.optional(z.object({ icon: z.string(), color: z.string() })),
  inputs: z._default(
    z.record(
      z.string(),
      z.object({
        description: z.string(),
        required: z.optional(z.boolean()),
        default: z.optional(scalar),
        deprecationMessage: z.optional(z.string()),
      }),
    ),
    {},
  ),
  outputs: z._default(
    z.record(z.string(), z.object({ description: z.string(), value: z.optional(z.string()) })),
    {},
  ),
  runs: z.object({
    using: z.string(),
    main: z.optional(z.string()),
    pre: z.optional(z.string()),
    post: z.optional(z.string()),
    'post-if': z.optional(z.string()),
    steps: z.optional(z.array(z.record(z.string(), z.unknown()))),
  }),
});

/** An `action.yml`, as far as this repository's own scripts and tests need it. */
export type ActionFile = z.infer<typeof actionFile>;

/** The names of all actions under `actions/`, in order. */
export function actionNames(root: string): string[] {
  return readdirSync(join(root, 'actions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'actions', entry.name, 'action.yml')))
    .map((entry) => entry.name)
    .sort();
}

export function readActionFile(root: string, action: string): ActionFile {
  const file = join(root, 'actions', action, 'action.yml');
  const result = z.safeParse(actionFile, parse(readFileSync(file, 'utf8')));
  if (result.success) return result.data;
  throw new Error(`actions/${action}/action.yml: ${z.prettifyError(result.error)}`);
}

/** Whether the action is a program of its own; a composite one has no file in `dist/`. */
export function isJavaScript(action: ActionFile): boolean {
  return action.runs.using.startsWith('node');
}
