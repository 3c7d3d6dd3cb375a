import { availableParallelism } from 'node:os';
import { type ComposeParser, withComposeParser } from '../../adapters/compose-parser/engine.ts';
import { variableUses } from '../../core/compose/variables.ts';
import { printable } from '../../core/names.ts';
import type { Problem } from '../../core/problem.ts';
import { aboutComplaint } from '../../core/validation/compose-complaint.ts';
import type { CheckedService } from './check-services.ts';
import type { ComposeSources } from './read-compose.ts';

export interface ComposeFindings {
  readonly problems: readonly Problem[];
  /** How the files were checked; undefined when there were none. */
  readonly note: string | undefined;
}

/** Holds the compose files against compose's own parser, or against the specification's schema where there is none. */
export async function checkComposeFiles(
  top: string,
  services: readonly CheckedService[],
  env: NodeJS.ProcessEnv,
): Promise<ComposeFindings> {
  const waiting = services.filter(({ service }) => service.compose !== undefined);
  return await withComposeParser(top, env, async (parser) => {
    const problems: Problem[] = [];
    const queue = [...waiting];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        problems.push(...(await checkFiles(next, parser)));
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    const note =
      parser === undefined
        ? 'There is no docker compose here: compose files were held against the Compose Specification only.'
        : undefined;
    return { problems, note };
  });
}

async function checkFiles(
  { service, parseable }: CheckedService,
  parser: ComposeParser | undefined,
): Promise<Problem[]> {
  const { compose, name } = service;
  if (compose === undefined) return [];
  if (parser === undefined || !parseable) return await schemaProblems(compose, name);
  const [first, ...others] = compose.files;
  const said = await parser({
    paths: [first.yaml.file, ...others.map(({ yaml }) => yaml.file)],
    project: name,
    variables: valuesFor(compose, service.env),
  });
  if (said === undefined) return [];
  // The parser stops at its first complaint and names no line; the schema knows all of them, and theirs.
  const found = await schemaProblems(compose, name);
  if (found.length > 0) return found;
  const { text, place } = aboutComplaint(compose.files, compose.extended, said);
  const which = others.length === 0 ? 'the file' : 'the files';
  return [
    {
      rule: 'compose-invalid',
      severity: 'error',
      message: `Compose refuses ${which}: ${printable(text.replace(/[.\s]+$/, ''), 300)}.`,
      remedy: 'Mend what it names; `docker compose config` shows the same.',
      place,
      service: name,
    },
  ];
}

/** Secrets have no value here; a number fits nearly everywhere. */
function valuesFor(
  { files, extended }: ComposeSources,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = [...files, ...extended]
    .flatMap(({ yaml }) => variableUses(yaml.text))
    .filter((use) => use.fallback === undefined && use.replacement === undefined)
    .map((use) => use.name);
  return { ...Object.fromEntries(names.map((name) => [name, '1'])), ...env };
}

async function schemaProblems({ files }: ComposeSources, service: string): Promise<Problem[]> {
  const { checkSchema } = await import('../../adapters/compose-parser/schema.ts');
  // An empty file is refused by compose, and the schema takes null for no object.
  return files.flatMap(({ yaml, value }) =>
    checkSchema(value).map(
      ({ path, message, remedy }): Problem => ({
        rule: 'compose-invalid',
        severity: 'error',
        message: `${message}.`,
        remedy,
        place: yaml.placeOf(path),
        service,
      }),
    ),
  );
}
