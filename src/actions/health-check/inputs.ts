import * as z from 'zod/mini';
import { type HealthCheckSetting, healthCheck } from '../../core/config/health-check.ts';
import { LaunchError } from '../../core/errors.ts';
import { parseHeaderLines } from '../../core/health/header-lines.ts';
import { inputs } from '../../runner/inputs.ts';

/** What to check: a service with all its checks, or one check given by the inputs. */
export type Subject =
  | { readonly kind: 'service'; readonly service: string; readonly target: string | undefined }
  | { readonly kind: 'setting'; readonly setting: HealthCheckSetting };

export function readInputs() {
  return { subject: readSubject(), timing: readTiming(), config: inputs.text('config') };
}

/** Absent ones are left to the checks themselves, and then to the defaults. */
function readTiming() {
  const timeoutMs = inputs.duration('timeout', 0);
  const intervalMs = inputs.duration('interval', 0);
  const successes = inputs.integer('successes', 0, { min: 1, max: 100 });
  return {
    ...(timeoutMs === 0 ? {} : { timeoutMs }),
    ...(intervalMs === 0 ? {} : { intervalMs }),
    ...(successes === 0 ? {} : { successes }),
  };
}

function readSubject(): Subject {
  const service = inputs.text('service');
  const target = inputs.text('target');
  const kinds = {
    http: inputs.text('http'),
    tcp: inputs.text('tcp'),
    command: inputs.text('command'),
    container: inputs.text('container'),
  };
  const given = [service, ...Object.values(kinds)].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new LaunchError(
      'CONFIG_INVALID',
      given.length === 0 ? 'No input says what to check.' : 'Several inputs say what to check.',
      { remedy: 'Give exactly one of `service`, `http`, `tcp`, `command` and `container`.' },
    );
  }
  const wishes = {
    status: inputs.text('expect-status')?.split(','),
    body: inputs.text('expect-body'),
    headers: readHeaders('headers', inputs.raw('headers')),
    'expect-headers': readHeaders('expect-headers', inputs.raw('expect-headers')),
  };
  if (service === undefined) return { kind: 'setting', setting: parseSetting({ ...kinds, ...wishes }) };
  if (Object.values(wishes).every((wish) => wish === undefined)) return { kind: 'service', service, target };
  throw new LaunchError('CONFIG_INVALID', 'The inputs `expect-…` and `headers` need the input `http`.', {
    remedy: "A service's own checks say in service.yml what they expect.",
  });
}

function parseSetting(given: Readonly<Record<string, unknown>>): HealthCheckSetting {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const parsed = z.safeParse(healthCheck, Object.fromEntries(present));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = String(issue?.path[0] ?? '');
  const name = { status: 'expect-status', body: 'expect-body' }[key] ?? key;
  // The value is not repeated: it may be a URL or a header with credentials.
  throw new LaunchError(
    'CONFIG_INVALID',
    `${name === '' ? 'The check' : `The input \`${name}\``} ${issue?.message ?? 'is not valid'}.`,
    { remedy: 'Correct the input; the README of the action says what it takes.' },
  );
}

function readHeaders(name: string, text: string | undefined): Record<string, string> | undefined {
  const headers = text === undefined ? undefined : parseHeaderLines(text);
  if (text !== undefined && headers === undefined) {
    throw new LaunchError('CONFIG_INVALID', `The input \`${name}\` is no list of headers.`, {
      remedy: 'It takes a JSON object of texts, or lines such as `Name: value`.',
    });
  }
  return headers;
}
