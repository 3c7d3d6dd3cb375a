import { parse } from 'yaml';
import * as z from 'zod/mini';
import { describeIssue } from '../config/issue-problems.ts';
import { didYouMean } from '../nearest.ts';
import { redactor } from '../secrets/redact.ts';
import { type Channel, channelTypes, schemaOf } from './channel.ts';

export interface RefusedChannel {
  /** From 1, as people count; undefined where it is not one entry that is wrong. */
  readonly position: number | undefined;
  readonly type: string;
  /** A sentence without anything that could be a secret. */
  readonly why: string;
}

export interface ReadChannels {
  readonly channels: readonly Channel[];
  readonly refused: readonly RefusedChannel[];
  /** To be masked before anything else is done. */
  readonly secrets: readonly string[];
}

const place = { file: 'channels' };

/** Channels out of YAML or JSON. One that is wrong does not hold up the others. Never throws. */
export function readChannels(text: string): ReadChannels {
  if (text.trim() === '') return { channels: [], refused: [], secrets: [] };
  const read = parseText(text);
  if (!read.ok) return { channels: [], refused: [refuseAll('is neither YAML nor JSON')], secrets: [text] };
  if (read.value === null) return { channels: [], refused: [], secrets: [text] };
  if (!Array.isArray(read.value)) {
    const why = 'is no list; write each channel as an entry that begins with "- type:"';
    return { channels: [], refused: [refuseAll(why)], secrets: [text, ...secretsIn(read.value)] };
  }
  const secrets = secretsIn(read.value);
  const redact = redactor(secrets);
  const entries = read.value.map((entry: unknown, index) => readEntry(entry, index + 1, redact));
  return {
    channels: entries.flatMap((it) => ('channel' in it ? [it.channel] : [])),
    refused: entries.flatMap((it) => ('refused' in it ? [it.refused] : [])),
    secrets,
  };
}

function parseText(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  try {
    return { ok: true, value: parse(text, { logLevel: 'error' }) };
  } catch {
    // What the parser says quotes the text, so it is not passed on.
    return { ok: false };
  }
}

function refuseAll(why: string): RefusedChannel {
  return { position: undefined, type: 'channels', why: `The text ${why}.` };
}

function readEntry(
  entry: unknown,
  position: number,
  redact: (text: string) => string,
): { readonly channel: Channel } | { readonly refused: RefusedChannel } {
  const refuse = (type: string, why: string) => ({ refused: { position, type, why: redact(why) } });
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return refuse('channel', 'It is no map with a "type" and a "url".');
  }
  const given: unknown = Reflect.get(entry, 'type');
  const schema = typeof given === 'string' ? schemaOf(given) : undefined;
  if (schema === undefined || typeof given !== 'string') {
    const guess =
      typeof given === 'string' ? didYouMean(given, channelTypes) : `Known: ${channelTypes.join(', ')}.`;
    return refuse('channel', `"type" is none that is known. ${guess}`);
  }
  const parsed = z.safeParse<z.ZodMiniType>(schema, entry);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, schema, () => place));
    const told = problems.map(({ rule, message, remedy }) =>
      rule === 'unknown-key' ? `${message} ${remedy}` : message,
    );
    return refuse(given, told.join(' '));
  }
  const channel = parsed.data as Channel;
  return { channel: { ...channel, name: channel.name ?? `${given} #${position}` } };
}

/** Keys whose values are no secret. */
const plainKeys = ['type', 'name', 'on', 'from', 'to'];

/** A shorter part of an address, such as `api` or `services`, is none; hiding it would only make a log unreadable. */
const shortestPart = 16;

/** Every text that is or may be one, also in entries that are wrong; and keys that are no words. */
function secretsIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return plainKeys.includes(key) ? [] : [value, ...partsOf(value)];
  if (typeof value === 'number') return plainKeys.includes(key) ? [] : [String(value)];
  if (Array.isArray(value)) return value.flatMap((item) => secretsIn(item, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(/^[a-z_-]{1,20}$/i.test(name) ? [] : [name, ...partsOf(name)]),
    ...secretsIn(inner, name),
  ]);
}

/** What of an address gives access by itself: its path, long parts of it, values of its query, its login. */
function partsOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { pathname, search, searchParams, username, password, hostname } = new URL(text);
  const path = `${pathname}${search}`;
  const segments = pathname.split('/').filter((part) => part.length >= shortestPart);
  const login = [password, ...(username.length >= 4 ? [username] : [])];
  const parts = [...segments, ...searchParams.values(), ...login].flatMap((part) => [part, decoded(part)]);
  // As AUTH PLAIN says it: a server may quote the line that it does not like.
  const plain = Buffer.from(`\0${decoded(username)}\0${decoded(password)}`).toString('base64');
  if (password !== '') parts.push(plain);
  return [...(hostname === '' || path.length < 8 ? [] : [path]), ...parts].filter((part) => part.length >= 4);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
