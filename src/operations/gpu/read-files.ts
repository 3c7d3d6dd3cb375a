import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { isPublicKey, publicKeysIn } from '../../core/gpu/authorized-keys.ts';
import { checkData, checkScript, secretData } from '../../core/gpu/stackscript.ts';
import { userDefinedFields } from '../../core/gpu/user-defined-fields.ts';
import { printable } from '../../core/names.ts';
import type { EnsureRequest } from './request.ts';

/** The script that comes with Launch: the checkout that a workflow works in is another repository's. */
const ownScript = 'ai-sandbox';

/** `stackscripts` lies beside `dist`, and beside `src`. */
function fileOfOwnScript(): string {
  const here = import.meta.url;
  const path = here.endsWith('.ts') ? '../../../stackscripts' : '../stackscripts';
  return decodeURIComponent(new URL(`${path}/${ownScript}.sh`, here).pathname);
}

export interface ReadFiles {
  /** The text of the StackScript; undefined: none, or one that is at Linode. */
  readonly script: string | undefined;
  readonly authorizedKeys: readonly string[];
}

/** @throws LaunchError CONFIG_INVALID for files that are not there or not what they should be */
export async function readFiles(request: EnsureRequest): Promise<ReadFiles> {
  request.onSecrets(secretData(request.stackScriptData));
  const { stackScript, stackScriptData, cwd } = request;
  let script: string | undefined;
  if (stackScript !== undefined && 'file' in stackScript) {
    const file = stackScript.file === ownScript ? fileOfOwnScript() : stackScript.file;
    script = await textOf(cwd, file, 'StackScript');
    checkScript(script, stackScript.file);
    checkData(userDefinedFields(script), stackScriptData, 'The data of the StackScript');
  }
  const keys = new Set<string>();
  for (const given of request.authorizedKeys) {
    if (isPublicKey(given)) {
      keys.add(given);
      continue;
    }
    // Pasted by mistake: it is told as what it is, and not repeated.
    const isKey = given.includes('PRIVATE KEY');
    const text = isKey ? given : await textOf(cwd, given, 'file of SSH keys');
    const what = isKey ? 'What is given as an SSH key' : `The file ${printable(given, 80)}`;
    for (const key of publicKeysIn(text, what)) keys.add(key);
  }
  return { script, authorizedKeys: [...keys] };
}

async function textOf(cwd: string, file: string, what: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new LaunchError('CONFIG_INVALID', `The ${what} "${printable(file, 80)}" can't be read.`, {
      remedy: 'Check the path; it is relative to the working directory. Nothing has been made.',
      cause,
    });
  }
}
