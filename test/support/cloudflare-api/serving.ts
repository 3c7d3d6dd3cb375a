// Answers in the place of deployed workers: by the version that has the traffic, or that the request asks for.
import type { IncomingHttpHeaders } from 'node:http';
import { liveShares, type Version, type Worker, type WorkersState } from './worker-state.ts';

export interface ServedRequest {
  readonly method: string;
  /** Below the worker's own address, with the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ServedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Never answers. */
  readonly hang?: true;
}

/** What a worker does, instead of what its module's text says; undefined leaves it to the text. */
export type WorkerHandler = (
  request: ServedRequest,
  version: Version,
  worker: Worker,
) => ServedAnswer | undefined;

export interface Served {
  readonly worker: string;
  /** Undefined when no version could be found. */
  readonly version: string | undefined;
  readonly path: string;
  readonly status: number;
}

export function serving(state: WorkersState, handler: () => WorkerHandler | undefined) {
  const served: Served[] = [];
  const turns = new Map<string, number>();

  const answer = (name: string, version: Version | undefined, request: ServedRequest): ServedAnswer => {
    const worker = state.workers.get(name);
    const result =
      worker === undefined || version === undefined
        ? { status: 404, body: 'There is nothing here yet' }
        : (handler()?.(request, version, worker) ?? readFromModule(version));
    served.push({ worker: name, version: version?.id, path: request.path, status: result.status ?? 200 });
    return result;
  };
  return {
    served: served as readonly Served[],
    /** `/worker/<name>/…` or the host `<name>.<subdomain>.workers.dev`. */
    worker(name: string, request: ServedRequest): ServedAnswer {
      const worker = state.workers.get(name);
      if (worker?.subdomain.enabled !== true) return answer(name, undefined, request);
      const turn = turns.get(name) ?? 0;
      turns.set(name, turn + 1);
      const id = overridden(worker, request.headers) ?? chosen(worker, turn);
      return answer(
        name,
        worker.versions.find((version) => version.id === id),
        request,
      );
    },
    /** A preview: `<first 8 characters of the version>-<name>`. */
    preview(address: string, request: ServedRequest): ServedAnswer {
      const name = address.slice(9);
      const worker = state.workers.get(name);
      const version = worker?.versions.find(({ id }) => id.startsWith(address.slice(0, 8)));
      return answer(name, worker?.subdomain.previews_enabled === true ? version : undefined, request);
    },
  };
}

/** `Cloudflare-Workers-Version-Overrides: name="id"`; heeded only for a version of the current deployment. */
function overridden(worker: Worker, headers: IncomingHttpHeaders): string | undefined {
  const header = String(headers['cloudflare-workers-version-overrides'] ?? '');
  for (const [, name, id] of header.matchAll(/([\w-]+)="([^"]*)"/g)) {
    if (name === worker.name && liveShares(worker).some(({ version_id }) => version_id === id)) return id;
  }
  return undefined;
}

/** By turns: of each hundred requests exactly as many as the version's percentage, well mixed. */
function chosen(worker: Worker, turn: number): string | undefined {
  const point = (turn * 61) % 100;
  let sum = 0;
  for (const { version_id, percentage } of liveShares(worker)) {
    sum += percentage;
    if (point < sum) return version_id;
  }
  return undefined;
}

/** The first answer in the module's text: `new Response("broken", { status: 500 })`. */
function readFromModule(version: Version): ServedAnswer {
  const module = version.modules.get(version.mainModule) ?? '';
  const found = /new Response\(\s*(["'`])(.*?)\1\s*(?:,\s*\{[^}]*?status:\s*(\d{3}))?/s.exec(module);
  return { status: Number(found?.[3] ?? 200), body: found?.[2] ?? 'ok' };
}
