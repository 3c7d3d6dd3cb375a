// This repository's workflows and the starters, as they are written.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './source-tree.ts';

export interface Step {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly uses?: string;
  readonly 'runs-on'?: string;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly 'timeout-minutes'?: number | string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly strategy?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly on?: {
    readonly workflow_call?: {
      readonly secrets?: Readonly<Record<string, { readonly required?: boolean }>>;
    };
  };
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

export const starterFiles: readonly string[] = globSync('workflows/*.yml', { cwd: ROOT }).sort();
export const workflowFiles: readonly string[] = [
  ...globSync('.github/workflows/*.yml', { cwd: ROOT }),
  ...starterFiles,
].sort();

export function readWorkflow(path: string): Workflow {
  return parse(readFileSync(join(ROOT, path), 'utf8'));
}
