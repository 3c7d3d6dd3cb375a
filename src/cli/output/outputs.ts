import type * as z from 'zod/mini';
import { adoptOutput } from './adopt.ts';
import { completionOutput } from './completion.ts';
import { deployOutput } from './deploy.ts';
import { diffOutput } from './diff.ts';
import { doctorOutput, doctorTargetsOutput } from './doctor.ts';
import { edgeDownOutput, edgeOutput } from './edge.ts';
import { freezeOutput, unfreezeOutput } from './freeze.ts';
import { gpuCheckOutput, gpuDeleteOutput, gpuEnsureOutput, gpuReapOutput, gpuStatusOutput } from './gpu.ts';
import { historyOutput } from './history.ts';
import { initOutput } from './init.ts';
import {
  instanceDeployAllOutput,
  instanceDeployOutput,
  instanceDestroyOutput,
  instanceListOutput,
  instanceStatusOutput,
} from './instance.ts';
import { logsOutput } from './logs.ts';
import { newListOutput, newOutput } from './new.ts';
import { notifyOutput } from './notify.ts';
import { planOutput } from './plan.ts';
import { recoverOutput } from './recover.ts';
import { removeOutput } from './remove.ts';
import { rollbackOutput } from './rollback.ts';
import { statusOutput } from './status.ts';
import { tunnelRemoveOutput, tunnelStatusOutput, tunnelUpOutput } from './tunnel.ts';
import { unlockOutput } from './unlock.ts';
import { validateOutput } from './validate.ts';

/**
 * What each command prints with `--json`, by its words: the command, its operation, and the option that makes its result
 * another one. `npm run generate` makes schemas/output/ of it; nothing of it is part of what ships.
 */
export const outputs: Readonly<Record<string, z.ZodMiniType>> = {
  adopt: adoptOutput,
  completion: completionOutput,
  deploy: deployOutput,
  diff: diffOutput,
  doctor: doctorOutput,
  'doctor --targets': doctorTargetsOutput,
  'edge up': edgeOutput,
  'edge status': edgeOutput,
  'edge down': edgeDownOutput,
  freeze: freezeOutput,
  'gpu ensure': gpuEnsureOutput,
  'gpu status': gpuStatusOutput,
  'gpu delete': gpuDeleteOutput,
  'gpu reap': gpuReapOutput,
  'gpu check': gpuCheckOutput,
  history: historyOutput,
  init: initOutput,
  'instance deploy': instanceDeployOutput,
  'instance deploy --all': instanceDeployAllOutput,
  'instance destroy': instanceDestroyOutput,
  'instance status': instanceStatusOutput,
  'instance list': instanceListOutput,
  new: newOutput,
  'new --list': newListOutput,
  logs: logsOutput,
  notify: notifyOutput,
  plan: planOutput,
  recover: recoverOutput,
  remove: removeOutput,
  rollback: rollbackOutput,
  status: statusOutput,
  'tunnel up': tunnelUpOutput,
  'tunnel status': tunnelStatusOutput,
  'tunnel remove': tunnelRemoveOutput,
  unfreeze: unfreezeOutput,
  unlock: unlockOutput,
  validate: validateOutput,
};

/** Those that print a document for each line of what they show, and no end. */
export const printedAsLines: ReadonlySet<string> = new Set(['logs']);

/** `edge up` → `edge-up`: the name of the file in schemas/output/, without its ending. */
export function schemaName(command: string): string {
  return command.replaceAll(/[ -]+/g, '-');
}
