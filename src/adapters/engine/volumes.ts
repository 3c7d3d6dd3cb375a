import * as z from 'zod/mini';
import type { FoundVolume } from '../../core/deploy/changed-volumes.ts';
import type { EngineApi } from './api.ts';
import { ok, parse } from './containers.ts';

const texts = z.optional(z.nullable(z.record(z.string(), z.string())));

const listed = z.looseObject({
  Volumes: z.nullable(
    z.array(z.looseObject({ Name: z.string(), Driver: z.string(), Options: texts, Labels: texts })),
  ),
});

/** The volumes that compose has made for a project. */
export async function listVolumes(api: EngineApi, project: string): Promise<FoundVolume[]> {
  const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`] });
  const answer = await api.call('GET', '/volumes', { query: { filters } });
  return (parse(listed, ok(answer, 'list the volumes')).Volumes ?? []).map((it) => ({
    name: it.Name,
    driver: it.Driver,
    options: it.Options ?? {},
    labels: it.Labels ?? {},
  }));
}
