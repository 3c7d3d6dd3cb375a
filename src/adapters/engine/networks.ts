import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import type { NetworkBefore } from '../../core/deploy/journal.ts';
import type { EngineApi } from './api.ts';
import { ok, parse } from './containers.ts';

const listed = z.array(z.looseObject({ Id: z.string(), Name: z.string() }));

/** The networks that compose has made for projects. */
export interface Networks {
  list(project: string): Promise<NetworkBefore[]>;
  /** The ids of those that are there now, by name. */
  ids(project: string): Promise<ReadonlyMap<string, string>>;
  /** Those that are there under the name that they had, but are not what they were: by name, the id. */
  changed(project: string, before: readonly NetworkBefore[]): Promise<ReadonlyMap<string, string>>;
  /** Makes those again that are gone, as they were; one that is there under its name is good. */
  restore(project: string, before: readonly NetworkBefore[]): Promise<void>;
  /** Removes those that a release had added; one that is in use stays. */
  removeOthers(project: string, before: readonly NetworkBefore[]): Promise<void>;
  /** One that is in use stays. */
  remove(project: string): Promise<void>;
  /** One that is in use stays. */
  removeOne(id: string): Promise<void>;
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
    list: async (project) => (await find(project)).map(settingsOf),
    ids: async (project) => new Map((await find(project)).map((it) => [it.Name, it.Id])),
    async changed(project, before) {
      const was = new Map(before.map((it) => [it.Name, it]));
      const there = (await find(project)).filter((it) => was.has(it.Name));
      const other = there.filter((it) => !isDeepStrictEqual(plain(settingsOf(it)), plain(was.get(it.Name))));
      return new Map(other.map((it) => [it.Name, it.Id]));
    },
    async restore(project, before) {
      const there = new Set((await find(project)).map((network) => network.Name));
      for (const network of before.filter((it) => !there.has(it.Name))) {
        const body = { ...network, CheckDuplicate: true };
        const answer = await api.call('POST', '/networks/create', { body });
        // What has its addresses now may be a network of the release that goes.
        const isTaken = answer.status >= 400 && /overlap/i.test(answer.body.toString());
        const free = isTaken ? { body: { ...body, IPAM: undefined } } : undefined;
        const made = free === undefined ? answer : await api.call('POST', '/networks/create', free);
        ok(made, `make the network ${network.Name}`);
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
    async removeOne(id) {
      await api.call('DELETE', `/networks/${id}`);
    },
  };
}

function settingsOf(network: { readonly Name: string; readonly [key: string]: unknown }): NetworkBefore {
  return { Name: network.Name, ...Object.fromEntries(settings.map((name) => [name, network[name]])) };
}

/** As it is after it was written down: without what is undefined. */
function plain(network: NetworkBefore | undefined): unknown {
  return JSON.parse(JSON.stringify(network ?? {}));
}
