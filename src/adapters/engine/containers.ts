import * as z from 'zod/mini';
import { LaunchError } from '../../core/errors.ts';
import { frameReader, isFramed } from '../../core/logs/log-reader.ts';
import { printable } from '../../core/names.ts';
import type { EngineAnswer, EngineApi } from './api.ts';

const listed = z.array(
  z.object({
    Id: z.string(),
    Names: z.nullable(z.array(z.string())),
    Labels: z.nullable(z.record(z.string(), z.string())),
    State: z.string(),
    Ports: z.optional(
      z.nullable(
        z.array(
          z.looseObject({
            IP: z.optional(z.string()),
            PublicPort: z.optional(z.number()),
            Type: z.optional(z.string()),
          }),
        ),
      ),
    ),
  }),
);

/** A container as the engine lists it. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
  /** Host ports that it holds at the moment. */
  readonly ports: readonly { readonly port: number; readonly protocol: string; readonly address: string }[];
}

const looseRecord = z.record(z.string(), z.unknown());

const inspected = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.optional(z.number()),
  State: z.looseObject({
    Status: z.string(),
    Running: z.boolean(),
    ExitCode: z.number(),
    StartedAt: z.string(),
    Error: z.optional(z.string()),
    OOMKilled: z.optional(z.boolean()),
    Health: z.optional(
      z.nullable(
        z.looseObject({
          Status: z.string(),
          FailingStreak: z.optional(z.number()),
          Log: z.optional(
            z.nullable(
              z.array(z.looseObject({ End: z.optional(z.string()), Output: z.optional(z.string()) })),
            ),
          ),
        }),
      ),
    ),
  }),
  Config: looseRecord,
  HostConfig: looseRecord,
  Mounts: z.array(
    z.looseObject({
      Type: z.string(),
      Name: z.optional(z.string()),
      Source: z.optional(z.string()),
      Destination: z.string(),
      RW: z.boolean(),
    }),
  ),
  NetworkSettings: z.looseObject({ Networks: z.nullable(z.record(z.string(), looseRecord)) }),
});

/** Everything the engine knows of a container. Its environment is in there: never logged, never stored. */
export type InspectedContainer = z.infer<typeof inspected>;

export interface Containers {
  /** Stopped ones, too; of every state. */
  list(labels: readonly string[]): Promise<ListedContainer[]>;
  /** Undefined when it is gone. */
  inspect(id: string): Promise<InspectedContainer | undefined>;
  /** Whether any container, running or not, was made from this image or one on top of it. */
  isUsed(image: string): Promise<boolean>;
  create(name: string, body: unknown): Promise<string>;
  connect(network: string, container: string, settings: unknown): Promise<void>;
  /** One that is not in it stays as it is. */
  disconnect(network: string, container: string): Promise<void>;
  start(id: string): Promise<void>;
  /** With `seconds` until it is killed; undefined: what the container itself asks for. */
  stop(id: string, seconds: number | undefined): Promise<void>;
  /** Its anonymous volumes stay unless `volumes`. */
  remove(id: string, options?: { readonly volumes?: boolean }): Promise<void>;
  /** The last lines it printed, oldest first. */
  tail(id: string, lines: number): Promise<string[]>;
}

export function containersOf(api: EngineApi): Containers {
  return {
    async list(labels) {
      const filters = JSON.stringify({ label: labels });
      const answer = await api.call('GET', '/containers/json', { query: { all: '1', filters } });
      return parse(listed, ok(answer, 'list the containers')).map((it) => ({
        id: it.Id,
        name: (it.Names?.[0] ?? '').replace(/^\//, ''),
        labels: it.Labels ?? {},
        state: it.State,
        ports: (it.Ports ?? []).flatMap(({ PublicPort: port, Type: protocol = 'tcp', IP: address = '' }) =>
          port === undefined ? [] : [{ port, protocol, address }],
        ),
      }));
    },
    async inspect(id) {
      const answer = await api.call('GET', `/containers/${id}/json`);
      return answer.status === 404 ? undefined : parse(inspected, ok(answer, 'inspect a container'));
    },
    async isUsed(image) {
      const filters = JSON.stringify({ ancestor: [image] });
      const answer = await api.call('GET', '/containers/json', { query: { all: '1', filters } });
      return parse(listed, ok(answer, 'list the containers')).length > 0;
    },
    async create(name, body) {
      const answer = await api.call('POST', '/containers/create', { query: { name }, body });
      return parse(z.object({ Id: z.string() }), ok(answer, `create the container ${name}`)).Id;
    },
    async connect(network, container, settings) {
      const body = { Container: container, EndpointConfig: settings };
      const answer = await api.call('POST', `/networks/${encodeURIComponent(network)}/connect`, { body });
      ok(answer, `connect a container to the network ${network}`);
    },
    async disconnect(network, container) {
      const body = { Container: container, Force: true };
      await api.call('POST', `/networks/${encodeURIComponent(network)}/disconnect`, { body });
    },
    async start(id) {
      const answer = await api.call('POST', `/containers/${id}/start`, { timeout: 120_000 });
      if (answer.status !== 304) ok(answer, 'start a container');
    },
    async stop(id, seconds) {
      const query = seconds === undefined ? {} : { t: String(seconds) };
      const answer = await api.call('POST', `/containers/${id}/stop`, { query, timeout: 600_000 });
      if (answer.status !== 304 && answer.status !== 404) ok(answer, 'stop a container');
    },
    async remove(id, options = {}) {
      const query = { force: '1', v: options.volumes === true ? '1' : '0' };
      const answer = await api.call('DELETE', `/containers/${id}`, { query, timeout: 120_000 });
      // 409: it is being removed already.
      if (answer.status !== 404 && answer.status !== 409) ok(answer, 'remove a container');
    },
    async tail(id, lines) {
      const query = { stdout: '1', stderr: '1', tail: String(lines) };
      const answer = await api.call('GET', `/containers/${id}/logs`, { query });
      return answer.status === 200 ? logLines(answer.body) : [];
    },
  };
}

/** Of a container with a terminal it is plain text. */
function logLines(body: Buffer): string[] {
  const text = isFramed(body) ? Buffer.concat(frameReader()(body).map(({ bytes }) => bytes)) : body;
  return text
    .toString()
    .split(/\r?\n/)
    .filter((line) => line !== '');
}

/** @throws LaunchError DEPLOY_FAILED with the engine's own words. */
export function ok(answer: EngineAnswer, what: string): EngineAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  let said = answer.body.toString();
  try {
    said = String((JSON.parse(said) as { message?: unknown }).message ?? said);
  } catch {
    // Not JSON: shown as it is.
  }
  const full = /no space left on device/i.test(said);
  // Seen with Docker 20.10: a port that was being handed out when the power went belongs to nobody afterwards.
  const held = /port is already allocated/i.test(said)
    ? '. Where no container publishes that port (see `docker ps`), the engine has kept it since the machine went down, and gives it back when it is restarted'
    : '';
  throw new LaunchError(
    full ? 'DISK_FULL' : 'DEPLOY_FAILED',
    `The Docker Engine could not ${what}: ${printable(said, 400)}${held}.`,
    {
      remedy: full
        ? 'Free space where Docker keeps its data (`docker system df`), then deploy again.'
        : 'Mend what it names, then deploy again.',
    },
  );
}

export function parse<S extends z.ZodMiniType>(schema: S, answer: EngineAnswer): z.output<S> {
  return z.parse(schema, JSON.parse(answer.body.toString()));
}
