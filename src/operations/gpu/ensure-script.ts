import { createHash } from 'node:crypto';
import {
  ensureStackScript,
  findStackScript,
  readStackScript,
  type StackScript,
  type StackScriptText,
  updateStackScript,
} from '../../adapters/linode/stackscripts.ts';
import { LaunchError } from '../../core/errors.ts';
import { stackScriptLabel } from '../../core/gpu/labels.ts';
import { checkData } from '../../core/gpu/stackscript.ts';
import { userDefinedFields } from '../../core/gpu/user-defined-fields.ts';
import { version } from '../../version.ts';
import type { EnsureSession } from './session.ts';

/** How the description of each StackScript begins that Launch may overwrite. */
const keptBy = 'Kept by Launch';

/** What would be done about the StackScript, and whether it has to be. */
export interface ScriptPlan {
  readonly text: StackScriptText | undefined;
  readonly found: StackScript | undefined;
  readonly change: 'create' | 'update' | 'none';
}

/** Looks at Linode and changes nothing. Undefined: no StackScript is asked for. */
export async function planScript(session: EnsureSession): Promise<ScriptPlan | undefined> {
  const { request, client, files } = session;
  const { stackScript, image, stackScriptData } = request;
  if (stackScript === undefined) return undefined;
  if ('id' in stackScript) {
    const found = await readStackScript(client, stackScript.id);
    if (found === undefined) {
      throw new LaunchError('CONFIG_INVALID', `There is no StackScript ${stackScript.id}.`, {
        remedy: 'Check its id, or name a file of the checkout. Nothing has been made.',
      });
    }
    checkData(userDefinedFields(found.script), stackScriptData, 'The data of the StackScript');
    return { text: undefined, found, change: 'none' };
  }
  const label = stackScriptLabel(stackScript.file);
  const found = await findStackScript(client, label);
  const script = files.script ?? '';
  const isSame = found?.script === script && found.images.includes(image);
  if (found !== undefined && !isSame) assertOurs(found);
  return {
    found,
    change: found === undefined ? 'create' : isSame ? 'none' : 'update',
    text: {
      label,
      description: `${keptBy}: ${stackScript.file}`.slice(0, 200),
      script,
      images: [...new Set([...(found?.images ?? []), image])],
      revisionNote: revisionNote(script, request.revision),
    },
  };
}

/** Carries the plan out. @returns the id of the StackScript; undefined: none is asked for */
export async function ensureScript(
  { client, reporter }: EnsureSession,
  plan: ScriptPlan | undefined,
): Promise<number | undefined> {
  if (plan === undefined) return undefined;
  const { text, found, change } = plan;
  if (found !== undefined && (change === 'none' || text === undefined)) return found.id;
  if (text === undefined) return undefined;
  if (found === undefined) {
    const { resource } = await ensureStackScript(client, text);
    reporter.info(`The StackScript ${text.label} is made: ${resource.id}.`);
    return resource.id;
  }
  await updateStackScript(client, found.id, text);
  reporter.info(`The StackScript ${text.label} (${found.id}) is updated: ${text.revisionNote}.`);
  return found.id;
}

function revisionNote(script: string, revision: string | undefined): string {
  const hash = createHash('sha256').update(script).digest('hex').slice(0, 12);
  return `Launch ${version}${revision === undefined ? '' : `, commit ${revision.slice(0, 12)}`}, sha256 ${hash}`;
}

/** @throws LaunchError CONFIG_INVALID for one that somebody else wrote, and may need as it is */
function assertOurs({ id, label, description }: StackScript): void {
  if (description?.startsWith(keptBy) === true) return;
  throw new LaunchError('CONFIG_INVALID', `The StackScript ${label} (${id}) is not one of Launch's.`, {
    remedy: `Rename it, or the file; or give ${id} as the StackScript to use it as it is. Nothing has been made.`,
  });
}
