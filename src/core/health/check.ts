import { printable } from '../names.ts';
import type { BodyExpectation, HeaderExpectation, StatusExpectation } from './expectation.ts';

/** How long and how often a check asks; all in milliseconds. */
export interface HealthTiming {
  /** In this time the check must have had its successes. */
  readonly timeoutMs: number;
  /** The first pause between two attempts; after failures the pauses grow. */
  readonly intervalMs: number;
  /** No pause is longer than this, where what is asked is close by and its answer is waited for. */
  readonly longestPauseMs?: number;
  /** One attempt may take this long, so that one hanging answer can't use up the whole time. */
  readonly attemptMs: number;
  /** So many successes in a row make a check healthy. */
  readonly successes: number;
}

/** What a check is told that no report may show, though an answer may hold it. */
interface Discreet {
  readonly secrets?: readonly string[] | undefined;
}

export interface HttpCheck extends HealthTiming, Discreet {
  readonly kind: 'http';
  /** May hold credentials: shown only through `checkLabel`. */
  readonly url: string;
  /** Sent along; the values count as secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly status: StatusExpectation;
  readonly body: BodyExpectation | undefined;
  readonly responseHeaders: readonly HeaderExpectation[];
}

export interface TcpCheck extends HealthTiming {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
}

export interface CommandCheck extends HealthTiming, Discreet {
  readonly kind: 'command';
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the command. */
  readonly env: NodeJS.ProcessEnv;
}

export interface ContainerCheck extends HealthTiming, Discreet {
  readonly kind: 'container';
  /** A container's name, or the containers of a compose project: of one of its services, or all of them. */
  readonly container:
    | { readonly name: string }
    | { readonly project: string; readonly service: string | undefined };
  /** The environment of the `docker` command. */
  readonly env: NodeJS.ProcessEnv;
}

/** One thing that must hold before a service counts as healthy; complete in itself. */
export type HealthCheck = HttpCheck | TcpCheck | CommandCheck | ContainerCheck;

/** What a person calls the check, without credentials: `http http://127.0.0.1:3080/health`. */
export function checkLabel(check: HealthCheck): string {
  return printable(label(check));
}

function label(check: HealthCheck): string {
  switch (check.kind) {
    case 'http':
      return `http ${withoutCredentials(check.url)}`;
    case 'tcp':
      return `tcp ${check.host.includes(':') ? `[${check.host}]` : check.host}:${check.port}`;
    case 'command':
      return `command ${check.argv.join(' ')}`;
    case 'container':
      return `container ${containerLabel(check.container)}`;
  }
}

function containerLabel(container: ContainerCheck['container']): string {
  if ('name' in container) return container.name;
  return container.service === undefined
    ? `all of ${container.project}`
    : `${container.project}/${container.service}`;
}

/** A URL as it may be shown: user and password are hidden, and of the query only that there is one. */
export function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return url.replace(/\/\/[^/@\s]*@/, '//***@').replace(/\?.*$/, '?…');
  const shown = new URL(url);
  const query = shown.search === '' ? '' : '?…';
  const user = shown.username === '' && shown.password === '' ? '' : '***@';
  return `${shown.protocol}//${user}${shown.host}${shown.pathname}${query}`;
}

/** The values that a check uses and no report may show, longest first so that none is left half hidden. */
export function secretsOf(check: HealthCheck): string[] {
  const told = check.kind === 'tcp' ? [] : (check.secrets ?? []);
  const own = check.kind === 'http' ? [...secretsInHeaders(check.headers), ...secretsInUrl(check.url)] : [];
  const all = [...told, ...own];
  return [...new Set(all)].filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
}

/** Of `Bearer abc` a server tends to answer back the second half only, so words count on their own, too. */
function secretsInHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => !/^(host|accept|user-agent|content-type)$/i.test(name))
    .flatMap(([, value]) => [value, ...value.split(/\s+/).filter((word) => word.length >= 8)]);
}

/** As it stands in the URL and decoded, as a server would name it. */
function secretsInUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  return [
    url.password,
    decoded(url.password),
    url.search.slice(1),
    ...url.searchParams.values(),
    ...[...url.searchParams.values()].map(encodeURIComponent),
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
