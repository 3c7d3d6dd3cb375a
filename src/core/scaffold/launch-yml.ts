import { Document, isCollection, parseDocument } from 'yaml';
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
  return document.toString({ lineWidth: 0 });
}

/** `text` with one target more; comments and everything else stay. */
export function withTarget(
  text: string,
  name: string,
  settings: Pick<TargetSetting, 'runs-on' | 'driver'>,
): string {
  const document = parseDocument(text, { logLevel: 'error' });
  if (document.contents === null) document.contents = new Document({}).contents as typeof document.contents;
  // `targets:` with nothing behind it.
  if (!isCollection(document.get('targets', true))) document.set('targets', document.createNode({}));
  document.setIn(['targets', name], document.createNode(settings));
  inOneLine(document, ['targets', name]);
  return document.toString({ lineWidth: 0 });
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
