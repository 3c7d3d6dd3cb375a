import * as z from 'zod/mini';
import { LaunchError } from '../../core/errors.ts';
import type { InstanceEvent } from '../../core/gpu/events.ts';
import { type LinodeClient, readResult } from './api.ts';

const profile = z.object({ restricted: z.boolean() });
const event = z.object({
  id: z.number(),
  action: z.string(),
  status: z.string(),
  message: z.nullish(z.string()),
  percent_complete: z.nullish(z.number()),
});

/** Whether the token's user is restricted and so may not set tags; undefined when the token may not know. */
export async function isRestricted(client: LinodeClient): Promise<boolean | undefined> {
  return await ifAllowed(async () => {
    const path = '/profile';
    return readResult(profile, await client.request('GET', path), path).restricted;
  });
}

/** What happened to an instance, newest first; undefined when the token may not know. */
export async function eventsOf(
  client: LinodeClient,
  instanceId: number,
): Promise<readonly InstanceEvent[] | undefined> {
  return await ifAllowed(async () => {
    const path = '/account/events';
    const found: InstanceEvent[] = [];
    for await (const item of client.list(path, { 'entity.id': instanceId, 'entity.type': 'linode' })) {
      const { id, action, status, message, percent_complete } = readResult(event, item, path);
      found.push({
        id,
        action,
        status,
        message: message ?? undefined,
        percent: percent_complete ?? undefined,
      });
    }
    return found;
  });
}

async function ifAllowed<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LaunchError && error.code === 'API_AUTH') return undefined;
    throw error;
  }
}
