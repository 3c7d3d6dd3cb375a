import * as z from 'zod/mini';
import type { FreeSpace } from '../../core/deploy/space.ts';
import { freeSpace } from '../host/disk.ts';
import type { EngineApi } from './api.ts';
import { ok, parse } from './containers.ts';

const info = z.object({ DockerRootDir: z.optional(z.string()) });

/** Where the engine keeps images, and what is free there; undefined for an engine on another machine. */
export async function dataRoot(
  api: EngineApi,
): Promise<{ readonly path: string; readonly free: FreeSpace } | undefined> {
  const path = parse(info, ok(await api.call('GET', '/info'), 'tell where it keeps its data')).DockerRootDir;
  if (path === undefined || path === '' || !api.isLocal) return undefined;
  return { path, free: await freeSpace(path) };
}
