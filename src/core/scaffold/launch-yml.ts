import { Document, isCollection, isMap, isNode, parseDocument } from 'yaml';
import type { TargetSetting } from '../config/launch-file.ts';

/** What `launch init` asks for. */
export interface FirstTarget {
  readonly name: string;
  readonly labels: readonly string[];
  readonly host?: string | undefined;
  readonly environment?: string | undefined;
}

/** The text of a new launch.yml; whether its values are right is for its schema to say. */
export function newLaunchYml({ name, labels, host, environment }: FirstTarget, schema: string): string {
  const target = {
    'runs-on': labels,
    ...(host === undefined ? {} : { host }),
    ...(environment === undefined ? {} : { environment }),
  };
  const document = new Document({ targets: { [name]: target }, defaults: { target: name } });
  document.commentBefore = ` yaml-language-server: $schema=${schema}\n Where this repository's services go.`;
  inOneLine(document, ['targets', name, 'runs-on']);
  comment(document, 'targets', ' Each is a place with a runner that has all of these labels.');
  comment(document, 'defaults', ' A service that names no target goes here.');
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/**
 * `text` with one target more; comments and everything else stay. Services that name no target went to the only one
 * there was, so that one becomes the default: with two and no default, they would go nowhere.
 */
export function withTarget(
  text: string,
  name: string,
  settings: Pick<TargetSetting, 'runs-on' | 'driver'>,
): string {
  const before = parseDocument(text, { logLevel: 'error' });
  const targets = before.get('targets', true);
  const [only, ...others] = isMap(targets) ? Object.keys(targets.toJS(before)) : [];
  const after = withEntry(text, name, settings);
  if (only === undefined || others.length > 0 || hasDefault(before)) return after;
  return withDefault(after, only);
}

function hasDefault(document: Document.Parsed): boolean {
  return typeof document.getIn(['defaults', 'target']) === 'string';
}

function withDefault(text: string, target: string): string {
  const document = parseDocument(text, { logLevel: 'error' });
  const entry = new Document({ defaults: { target } });
  inOneLine(entry, ['defaults']);
  const after = `${text}${text.endsWith('\n') ? '' : '\n'}${entry.toString({ lineWidth: 0 })}`;
  const read = parseDocument(after, { logLevel: 'error' });
  // Below what is there, where that leaves the rest as it was; a flow map or a `defaults:` is written anew.
  if (read.errors.length === 0 && isSame(read.toJS(), { ...document.toJS(), defaults: { target } }))
    return after;
  if (!isCollection(document.get('defaults', true))) document.set('defaults', document.createNode({}));
  document.setIn(['defaults', 'target'], target);
  return document.toString({ lineWidth: 0 });
}

function withEntry(text: string, name: string, settings: object): string {
  const inserted = withLine(text, name, settings);
  if (inserted !== undefined) return inserted;
  const document = parseDocument(text, { logLevel: 'error' });
  if (document.contents === null) document.contents = new Document({}).contents as typeof document.contents;
  // `targets:` with nothing behind it.
  if (!isCollection(document.get('targets', true))) document.set('targets', document.createNode({}));
  document.setIn(['targets', name], document.createNode(settings));
  inOneLine(document, ['targets', name]);
  return document.toString({ lineWidth: 0 });
}

/** The usual case, in which not even the spacing of another line changes; undefined where it is not that simple. */
function withLine(text: string, name: string, settings: object): string | undefined {
  const before = parseDocument(text, { logLevel: 'error' });
  const targets = before.get('targets', true);
  if (!isMap(targets) || targets.flow === true || !targets.range) return undefined;
  const last = targets.items.at(-1)?.value;
  if (!isNode(last) || !last.range) return undefined;
  const [start] = targets.range;
  const indent = ' '.repeat(start - text.lastIndexOf('\n', start) - 1);
  const entry = new Document({ [name]: settings });
  inOneLine(entry, [name]);
  const valueEnd = last.range[1] - (text[last.range[1] - 1] === '\n' ? 1 : 0);
  const lineEnd = text.indexOf('\n', valueEnd);
  const at = lineEnd < 0 ? text.length : lineEnd;
  const after = `${text.slice(0, at)}\n${indent}${entry.toString({ lineWidth: 0 }).trimEnd()}${text.slice(at)}`;
  const wanted = { ...before.toJS(), targets: { ...before.toJS().targets, [name]: settings } };
  const read = parseDocument(after, { logLevel: 'error' });
  return read.errors.length === 0 && isSame(read.toJS(), wanted) ? after : undefined;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function inOneLine(document: Document, path: readonly string[]): void {
  const node = document.getIn(path, true);
  if (isCollection(node)) node.flow = true;
}

function comment(document: Document, key: string, text: string): void {
  const { contents } = document;
  if (!isCollection(contents)) return;
  for (const pair of contents.items as readonly { key: unknown }[]) {
    const node = pair.key;
    if (typeof node !== 'object' || node === null || !('value' in node) || node.value !== key) continue;
    Object.assign(node, { commentBefore: text, spaceBefore: key !== 'targets' });
  }
}
