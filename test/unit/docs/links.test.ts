// No link of a document leads nowhere, and each document is one that a reader comes to.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { actionNames } from '../../../scripts/generate/action-file.ts';
import { allMarkdownPaths, documentPaths, readDocument } from '../../support/documents/document.ts';
import { ROOT } from '../../support/source-tree.ts';

/** No test asks them. A new one is added here by whoever has looked whether the address is right. */
const knownHosts = [
  'age-encryption.org',
  'api.slack.com',
  'caddyserver.com',
  'cli.github.com',
  'cloud.linode.com',
  'dash.cloudflare.com',
  'developers.cloudflare.com',
  'discord.com',
  'docs.docker.com',
  'docs.github.com',
  'docs.openwebui.com',
  'developer.ideogram.ai',
  'docs.vllm.ai',
  'getsops.io',
  'github.com',
  'huggingface.co',
  'kamal-deploy.org',
  'status.linode.com',
  'techdocs.akamai.com',
  'www.librechat.ai',
];

describe.each(allMarkdownPaths)('%s', (path) => {
  it('has no link that leads nowhere', () => {
    expect(readDocument(path).links.flatMap(({ line, text }) => wrongLink(path, line, text))).toEqual([]);
  });
});

it('each document can be reached from the README', () => {
  const seen = new Set<string>();
  const walk = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { text } of readDocument(path).links) {
      const to = target(path, text);
      if (to !== undefined && allMarkdownPaths.includes(to)) walk(to);
    }
  };
  walk('README.md');
  // Those of folders are what GitHub shows with the folder.
  const ofFolders = [...actionNames(ROOT).map((name) => `actions/${name}/README.md`)];
  const shown = (path: string) => /^services\/.*README\.md$/.test(path) || ofFolders.includes(path);
  expect(documentPaths.filter((path) => !seen.has(path) && !shown(path))).toEqual([]);
});

function wrongLink(path: string, line: number, link: string): string[] {
  const at = `${path}:${line}: ${link}:`;
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return wrongAddress(link).map((why) => `${at} ${why}`);
  const to = target(path, link) ?? path;
  const file = join(ROOT, to);
  if (to.startsWith('..') || !existsSync(file)) return [`${at} there is no ${to}`];
  const [, fragment] = link.split('#');
  if (fragment === undefined) return [];
  const shown = statSync(file).isDirectory() ? join(to, 'README.md') : to;
  if (!shown.endsWith('.md')) {
    const lines = readFileSync(file, 'utf8').split('\n').length;
    const [, number] = /^L(\d+)$/.exec(fragment) ?? [];
    return number !== undefined && Number(number) <= lines ? [] : [`${at} ${shown} has no #${fragment}`];
  }
  return readDocument(shown).anchors.has(decodeURIComponent(fragment))
    ? []
    : [`${at} ${shown} has no #${fragment}`];
}

function wrongAddress(link: string): string[] {
  if (link.startsWith('mailto:')) return [];
  if (!URL.canParse(link)) return ['no address'];
  const { protocol, hostname } = new URL(link);
  if (protocol !== 'https:') return ['not https'];
  return knownHosts.includes(hostname) ? [] : [`${hostname} is not among the known hosts of this test`];
}

/** From the root of the repository; undefined for another site, and for a place in the same document. */
function target(path: string, link: string): string | undefined {
  if (/^([a-z][a-z0-9+.-]*:|#)/i.test(link)) return undefined;
  const to = normalize(join(dirname(path), decodeURIComponent(link.split('#')[0] ?? ''))).replace(/\/$/, '');
  return existsSync(join(ROOT, to, 'README.md')) ? join(to, 'README.md') : to;
}
