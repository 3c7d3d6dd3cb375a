import { counted } from '../counted.ts';
import { isName } from '../names.ts';
import { targetNames } from '../plan.ts';
import { countFindings } from './findings.ts';
import { type Preview, wavesOf } from './preview.ts';

/** What merging does, in one line of plain text, which is Markdown as well. */
export function headline(preview: Preview): string {
  const { plan, removals, report, fault, detection } = preview;
  if (fault !== undefined && plan.entries.length === 0)
    return `What merging does can't be told (\`${fault.code}\`)`;
  const services = new Set(plan.entries.map(({ service }) => service)).size;
  const targets = targetNames(plan);
  const [only = ''] = targets;
  // Nothing but a name may stand in a heading as it is.
  const where = targets.length === 1 && isName(only) ? only : counted(targets.length, 'target');
  const waves = wavesOf(plan).length;
  const stopped = new Set(removals.flatMap(({ service, onDelete }) => (onDelete === 'stop' ? service : [])));
  const gone = new Set([...removals.map(({ service }) => service), ...(detection?.deleted ?? [])]);
  const parts = [
    services === 0
      ? 'Nothing to deploy'
      : `To deploy: ${counted(services, 'service')} to ${where}${waves > 1 ? ` in ${waves} waves` : ''}`,
    ...(gone.size === 0
      ? []
      : [`${counted(gone.size, 'deletion')}${stopped.size === 0 ? '' : ` (${stopped.size} taken down)`}`]),
    ...(report === undefined ? [] : [countFindings(report)]),
  ];
  return parts.filter((part) => part !== '').join(', ');
}
