import * as z from 'zod/mini';
import { type Ensured, ensureOne } from '../http/ensure.ts';
import { type LinodeClient, readResult } from './api.ts';
import { isAmbiguous, unlessGone } from './failure.ts';

export interface StackScript {
  readonly id: number;
  readonly label: string;
  readonly description?: string | null | undefined;
  readonly script: string;
  readonly images: readonly string[];
}

export interface StackScriptText {
  readonly label: string;
  readonly description: string;
  readonly script: string;
  readonly images: readonly string[];
  /** What this revision is, for people. */
  readonly revisionNote: string;
}

const stackScript = z.object({
  id: z.number(),
  label: z.string(),
  description: z.nullish(z.string()),
  script: z.string(),
  images: z.array(z.string()),
  mine: z.optional(z.boolean()),
});

const path = '/linode/stackscripts';

/**
 * The account's own StackScript of that label. Labels are not unique there: of several the oldest is meant, so that
 * two runs at the same time mean the same one.
 */
export async function findStackScript(client: LinodeClient, label: string): Promise<StackScript | undefined> {
  let oldest: StackScript | undefined;
  for await (const item of client.list(path, { label, mine: true })) {
    const found = readResult(stackScript, item, path);
    if (found.label !== label || found.mine === false) continue;
    if (oldest === undefined || found.id < oldest.id) oldest = found;
  }
  return oldest;
}

/** @returns undefined when there is none of that id */
export async function readStackScript(client: LinodeClient, id: number): Promise<StackScript | undefined> {
  return await unlessGone(
    client.request('GET', `${path}/${id}`).then((found) => readResult(stackScript, found, path)),
  );
}

/** Makes sure that there is a StackScript of that label; one that is there is taken as it is. */
export async function ensureStackScript(
  client: LinodeClient,
  text: StackScriptText,
): Promise<Ensured<StackScript>> {
  return await ensureOne(
    {
      find: () => findStackScript(client, text.label),
      make: async () =>
        readResult(stackScript, await client.request('POST', path, { body: bodyOf(text) }), path),
      isTaken: () => false,
    },
    isAmbiguous,
  );
}

export async function updateStackScript(
  client: LinodeClient,
  id: number,
  text: StackScriptText,
): Promise<void> {
  await client.request('PUT', `${path}/${id}`, { body: bodyOf(text) });
}

function bodyOf({ label, description, script, images, revisionNote }: StackScriptText) {
  return { label, description, script, images, is_public: false, rev_note: revisionNote };
}
