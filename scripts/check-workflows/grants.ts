import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { type Finding, isAction, type Linter } from './finding.ts';

const permissions = z.union([z.enum(['read-all', 'write-all']), z.record(z.string(), z.string())]);
type Permissions = z.infer<typeof permissions>;

const workflow = z.looseObject({
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions: z.optional(permissions),
  jobs: z.record(
    z.string(),
    z.looseObject({
      permissions: z.optional(permissions),
      uses: z.optional(z.string()),
      with: z.optional(z.record(z.string(), z.unknown())),
      secrets: z.optional(z.union([z.literal('inherit'), z.record(z.string(), z.unknown())])),
    }),
  ),
});
type Workflow = z.infer<typeof workflow>;

const called = z.optional(
  z.nullable(
    z.object({
      inputs: z.optional(z.record(z.string(), z.looseObject({ required: z.optional(z.boolean()) }))),
      secrets: z.optional(z.record(z.string(), z.looseObject({ required: z.optional(z.boolean()) }))),
    }),
  ),
);

const levels: readonly string[] = ['none', 'read', 'write'];

/** The reusable workflows of this repository, as they and the starters call them. */
const ours = /^(?:\$\/|\.\/|org\/launch\/)(\.github\/workflows\/[\w.-]+\.ya?ml)(?:@\S+)?$/;

/**
 * A called workflow whose job asks for more than its caller grants does not start at all, and no condition
 * helps. No linter looks into the called workflow for that, so this does, for permissions, inputs and secrets.
 */
export const grants: Linter = {
  name: 'grants of callers',
  async run(root, files) {
    const findings = files.filter((file) => !isAction(file)).flatMap((file) => checkCaller(root, file));
    return { outcome: 'ran', findings, excepted: 0 };
  },
};

function checkCaller(root: string, file: string): Finding[] {
  const source = readFileSync(join(root, file), 'utf8');
  const caller = readWorkflow(source);
  if (caller === undefined) return [{ file, line: 1, message: 'is no workflow' }];
  return Object.entries(caller.jobs).flatMap(([job, { uses, with: inputs, secrets, permissions: own }]) => {
    const path = uses === undefined ? undefined : ours.exec(uses)?.[1];
    if (path === undefined) return [];
    const line = source.split('\n').findIndex((text) => text.includes(`uses: ${uses}`)) + 1;
    const finding = (message: string): Finding => ({ file, line, message: `job "${job}": ${message}` });
    const target = join(root, path);
    const callee = existsSync(target) ? readWorkflow(readFileSync(target, 'utf8')) : undefined;
    if (callee === undefined) return [finding(`${path} is no workflow`)];
    return [
      ...missingGrants(own ?? caller.permissions, callee),
      ...undeclared(callee, inputs ?? {}, secrets ?? {}),
    ].map(finding);
  });
}

function readWorkflow(source: string): Workflow | undefined {
  const parsed = z.safeParse(workflow, parse(source, { uniqueKeys: false, logLevel: 'silent' }));
  return parsed.success ? parsed.data : undefined;
}

/** What each job of the called workflow asks for and the caller does not grant. */
export function missingGrants(granted: Permissions | undefined, callee: Workflow): string[] {
  const missing = Object.entries(callee.jobs).flatMap(([name, job]) => {
    const asked = job.permissions ?? callee.permissions;
    if (asked === undefined) return [`the called job "${name}" names no permissions`];
    if (typeof asked === 'string') return [`the called job "${name}" asks for ${asked}`];
    return Object.entries(asked)
      .filter(([scope, level]) => levelOf(level) > levelOf(grantOf(granted, scope)))
      .map(([scope, level]) => `the called job "${name}" needs ${scope}: ${level}, which is not granted`);
  });
  return missing;
}

function grantOf(granted: Permissions | undefined, scope: string): string {
  if (granted === 'write-all') return 'write';
  if (granted === 'read-all') return 'read';
  // Without any, it is the repository's setting that counts, which may be nothing.
  return granted?.[scope] ?? 'none';
}

function levelOf(level: string): number {
  return levels.indexOf(level);
}

function undeclared(
  callee: Workflow,
  inputs: Readonly<Record<string, unknown>>,
  secrets: 'inherit' | Readonly<Record<string, unknown>>,
): string[] {
  const call = typeof callee.on === 'object' && !Array.isArray(callee.on) ? callee.on : {};
  if (!Object.hasOwn(call, 'workflow_call')) return ['the called workflow has no workflow_call'];
  const declared = z.parse(called, call['workflow_call']);
  return [
    ...difference('input', inputs, declared?.inputs ?? {}),
    ...(secrets === 'inherit' ? [] : difference('secret', secrets, declared?.secrets ?? {})),
  ];
}

function difference(
  kind: string,
  given: Readonly<Record<string, unknown>>,
  declared: Readonly<Record<string, { readonly required?: boolean | undefined }>>,
): string[] {
  return [
    ...Object.keys(given)
      .filter((name) => !Object.hasOwn(declared, name))
      .map((name) => `the called workflow has no ${kind} "${name}"`),
    ...Object.entries(declared)
      .filter(([name, { required }]) => required === true && !Object.hasOwn(given, name))
      .map(([name]) => `the ${kind} "${name}" is required and not given`),
  ];
}
