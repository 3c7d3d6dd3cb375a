import * as z from 'zod/mini';
import type { NetworkBefore } from '../../core/deploy/journal.ts';
import type { EngineApi } from './api.ts';
import { ok, parse } from './containers.ts';

const listed = z.array(z.looseObject({ Id: z.string(), Name: z.string() }));

/** The networks that compose has made for projects. */
export interface Networks {
  list(project: string): Promise<NetworkBefore[]>;
  /** Makes those again that are gone, as they were; one that is there under its name is good. */
  restore(project: string, before: readonly NetworkBefore[]): Promise<void>;
  /** Removes those that a release had added; one that is in use stays. */
  removeOthers(project: string, before: readonly NetworkBefore[]): Promise<void>;
  /** One that is in use stays. */
  remove(project: string): Promise<void>;
}

/** What of a network is a setting, and not what the engine gave it. */
const settings = ['Driver', 'EnableIPv6', 'IPAM', 'Internal', 'Attachable', 'Options', 'Labels'];

export function networksOf(api: EngineApi): Networks {
  const find = async (project: string) => {
    const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`] });
    const answer = await api.call('GET', '/networks', { query: { filters } });
    return parse(listed, ok(answer, 'list the networks'));
  };
  return {
    list: async (project) =>
      (await find(project)).map((network) => ({
        Name: network.Name,
        ...Object.fromEntries(settings.map((name) => [name, network[name]])),
      })),
    async restore(project, before) {
      const there = new Set((await find(project)).map((network) => network.Name));
      for (const network of before.filter((it) => !there.has(it.Name))) {
        const body = { ...network, CheckDuplicate: true };
        ok(await api.call('POST', '/networks/create', { body }), `make the network ${network.Name}`);
      }
    },
    async removeOthers(project, before) {
      const wanted = new Set(before.map((network) => network.Name));
      for (const { Id: id, Name: name } of await find(project)) {
        if (!wanted.has(name)) await api.call('DELETE', `/networks/${id}`);
      }
    },
    async remove(project) {
      for (const { Id: id } of await find(project)) await api.call('DELETE', `/networks/${id}`);
    },
  };
}
