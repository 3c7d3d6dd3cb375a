import type { ServiceFolder } from '../project/discover.ts';
import type { Project } from '../project/project.ts';
import { joinPath, readText } from '../project/view.ts';
import { canonical } from '../resolved-settings.ts';

/** Whether `launch.yml` could send a service elsewhere that is otherwise the same. */
export function targetsDiffer(older: Project, newer: Project): boolean {
  return routes(older) !== routes(newer);
}

function routes({ config }: Project): string {
  const drivers = Object.entries(config.targets).map(([name, target]) => [name, target.driver ?? '']);
  return canonical({ drivers: Object.fromEntries(drivers), defaults: config.defaults });
}

/** Whether the folder itself could send its service elsewhere, or get it there in another way. */
export async function mayHaveMoved(
  [older, before]: readonly [Project, ServiceFolder],
  [newer, now]: readonly [Project, ServiceFolder],
): Promise<boolean> {
  if (canonical(before.shape) !== canonical(now.shape)) return true;
  const [old, fresh] = await Promise.all([placing(older, before), placing(newer, now)]);
  return old !== fresh;
}

/** What names targets and a driver in the files that could. */
async function placing({ view }: Project, { contentPath, shape }: ServiceFolder): Promise<string> {
  const files = [shape.manifest, shape.targetFile ? 'target.txt' : undefined].filter(
    (it) => it !== undefined,
  );
  const texts = await Promise.all(files.map((name) => readText(view, joinPath(contentPath, name))));
  return texts
    .map((text, index) => (files[index] === 'target.txt' ? text : placingLines(text ?? '')))
    .join('\n');
}

/**
 * The lines of a service.yml that say where it goes, without parsing it: to parse a thousand takes a second, and
 * nearly none of them moves. Where the file is not written as a plain map, all of it.
 */
export function placingLines(text: string): string {
  // Of a plain map each key stands at the start of a line, and nothing else but lists and comments does.
  const parts = text.split(/^(?=[^\s#-])/m);
  const isPlain = parts.every(
    (part, index) => /^[a-z-]+:(?:\s|$)/.test(part) || (index === 0 && /^(?:\s|#|$)/.test(part)),
  );
  // An alias may bring in what stands elsewhere; a document may follow.
  if (!isPlain || /(?:^|[\s[{,:])[*&]\w|^---|^\.\.\.|<</m.test(text)) return text;
  return parts.filter((part) => /^(?:targets?|driver):/.test(part)).join('');
}
