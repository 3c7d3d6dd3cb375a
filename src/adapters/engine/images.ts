import * as z from 'zod/mini';
import type { EngineApi } from './api.ts';
import { ok, parse } from './containers.ts';

const inspected = z.object({ Id: z.string(), RepoDigests: z.optional(z.nullable(z.array(z.string()))) });

export interface LocalImage {
  readonly id: string;
  /** As its registry knows it; undefined for one that was built here. */
  readonly digest: string | undefined;
}

export interface Images {
  /** Undefined when it is not on this host. */
  find(name: string): Promise<LocalImage | undefined>;
  /** Points a name back at the image it stood for. */
  tag(id: string, name: string): Promise<void>;
}

export function imagesOf(api: EngineApi): Images {
  return {
    async find(name) {
      const answer = await api.call('GET', `/images/${encodeName(name)}/json`);
      if (answer.status === 404 || answer.status === 400) return undefined;
      const image = parse(inspected, ok(answer, `look up the image ${name}`));
      return { id: image.Id, digest: image.RepoDigests?.[0] };
    },
    async tag(id, name) {
      const cut = /:[^/:]+$/.exec(name);
      const query = {
        repo: cut === null ? name : name.slice(0, cut.index),
        tag: cut === null ? 'latest' : cut[0].slice(1),
      };
      ok(await api.call('POST', `/images/${id}/tag`, { query }), `tag the image ${name}`);
    },
  };
}

/** The engine takes slashes in names as they are. */
function encodeName(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':').replaceAll('%40', '@');
}
