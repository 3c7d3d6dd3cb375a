import * as z from 'zod/mini';
import type { EngineApi } from './api.ts';
import { ok, parse } from './containers.ts';

const names = z.optional(z.nullable(z.array(z.string())));
const inspected = z.object({
  Id: z.string(),
  RepoDigests: names,
  RepoTags: names,
  Config: z.optional(z.nullable(z.looseObject({ Env: names }))),
});
const listed = z.array(z.object({ RepoTags: names }));

export interface LocalImage {
  readonly id: string;
  /** As its registry knows it; undefined for one that was built here. */
  readonly digest: string | undefined;
  /** Variables that it sets itself, as NAME=value. */
  readonly env: readonly string[];
}

export interface Images {
  /** Undefined when it is not on this host. */
  find(name: string): Promise<LocalImage | undefined>;
  /** Points a name back at the image it stood for. */
  tag(id: string, name: string): Promise<void>;
  /** Every name that starts so, of whatever image. */
  namesLike(start: string): Promise<string[]>;
  /** All names of an image; undefined when it is gone. */
  namesOf(id: string): Promise<string[] | undefined>;
  /** Takes a name away, and with the last one the image itself. One that a container uses stays. */
  remove(nameOrId: string): Promise<void>;
}

export function imagesOf(api: EngineApi): Images {
  return {
    async find(name) {
      const answer = await api.call('GET', `/images/${encodeName(name)}/json`);
      if (answer.status === 404 || answer.status === 400) return undefined;
      const image = parse(inspected, ok(answer, `look up the image ${name}`));
      return { id: image.Id, digest: image.RepoDigests?.[0], env: image.Config?.Env ?? [] };
    },
    async tag(id, name) {
      const cut = /:[^/:]+$/.exec(name);
      const query = {
        repo: cut === null ? name : name.slice(0, cut.index),
        tag: cut === null ? 'latest' : cut[0].slice(1),
      };
      ok(await api.call('POST', `/images/${id}/tag`, { query }), `tag the image ${name}`);
    },
    async namesLike(start) {
      const images = parse(listed, ok(await api.call('GET', '/images/json'), 'list the images'));
      return images.flatMap((it) => it.RepoTags ?? []).filter((name) => name.startsWith(start));
    },
    async namesOf(id) {
      const answer = await api.call('GET', `/images/${encodeName(id)}/json`);
      if (answer.status === 404) return undefined;
      return (parse(inspected, ok(answer, 'look up an image')).RepoTags ?? []).filter(
        (name) => name !== '<none>:<none>',
      );
    },
    async remove(nameOrId) {
      const answer = await api.call('DELETE', `/images/${encodeName(nameOrId)}`, { timeout: 120_000 });
      // 409: in use.
      if (answer.status !== 404 && answer.status !== 409) ok(answer, `remove the image ${nameOrId}`);
    },
  };
}

/** The engine takes slashes in names as they are. */
function encodeName(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':').replaceAll('%40', '@');
}
