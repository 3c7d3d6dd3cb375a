import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ActionMetadata } from '@actions/languageservice/action';
import type { Diagnostic } from 'vscode-languageserver-types';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { type Finding, isAction, type Linter } from './finding.ts';

/** The name under which the starters call this repository. */
const self = { owner: 'org', name: 'launch' };

const shape = z.object({
  name: z.string(),
  description: z.string(),
  inputs: z.optional(
    z.record(
      z.string(),
      z.object({
        description: z.string(),
        required: z.optional(z.boolean()),
        default: z.optional(z.union([z.string(), z.number(), z.boolean()])),
        deprecationMessage: z.optional(z.string()),
      }),
    ),
  ),
});

const metadata = z.custom<ActionMetadata>((value) => z.safeParse(shape, value).success);

/** GitHub's own: what its editor says about a file, with the actions and workflows of this repository at hand. */
export const languageService: Linter = {
  name: '@actions/languageservice',
  async run(root, files) {
    // The package imports JSON files in a way that only bundlers take; Node wants to be told what they are.
    const hooks = registerHooks({
      load: (url, context, next) =>
        next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
    });
    try {
      return { outcome: 'ran', excepted: 0, findings: await validateAll(root, files) };
    } catch (error) {
      return { outcome: 'could-not-run', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      hooks.deregister();
    }
  },
};

async function validateAll(root: string, files: readonly string[]): Promise<Finding[]> {
  const { validate, registerLogger } = await import('@actions/languageservice');
  const { TextDocument } = await import('vscode-languageserver-textdocument');
  // It logs its own faults and then has no findings.
  const faults: string[] = [];
  const note = (message: string) => void faults.push(message);
  registerLogger({ error: note, warn: () => {}, info: () => {}, log: () => {} });

  const findings: Finding[] = [];
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    // It caches by address, and one process checks each file once.
    const document = TextDocument.create(pathToFileURL(join(root, file)).href, 'yaml', 1, text);
    const diagnostics = await validate(document, {
      actionsMetadataProvider: {
        // Of others' actions nothing is known here, so their inputs are taken as they are.
        fetchActionMetadata: async ({ owner, name, path }) =>
          owner === self.owner && name === self.name
            ? actionMetadata(root, path ?? '')
            : { name: `${owner}/${name}`, description: '' },
      },
      fileProvider: {
        getFileContent: async (reference) => {
          if (
            'owner' in reference &&
            (reference.owner !== self.owner || reference.repository !== self.name)
          ) {
            throw new Error(`${reference.owner}/${reference.repository} is not here`);
          }
          return { name: reference.path, content: readFileSync(join(root, reference.path), 'utf8') };
        },
      },
    });
    findings.push(...diagnostics.map((it) => findingOf(file, it)));
    if (isAction(file)) findings.push(...notAnAction(root, file));
  }
  if (faults.length > 0) throw new Error(faults.join('; '));
  return findings;
}

function findingOf(file: string, { range, message }: Diagnostic): Finding {
  return { file, line: range.start.line + 1, message: typeof message === 'string' ? message : message.value };
}

function actionMetadata(root: string, path: string): ActionMetadata | undefined {
  const file = join(root, path, 'action.yml');
  return existsSync(file) ? z.parse(metadata, parse(readFileSync(file, 'utf8'))) : undefined;
}

/** What the callers' inputs are checked against has to be readable. */
function notAnAction(root: string, file: string): Finding[] {
  const result = z.safeParse(shape, parse(readFileSync(join(root, file), 'utf8')));
  return result.success ? [] : [{ file, line: 1, message: z.prettifyError(result.error) }];
}
