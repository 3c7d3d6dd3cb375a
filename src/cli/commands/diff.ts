import type { ServiceDiff } from '../../core/diff/service-diff.ts';
import { diffService } from '../../operations/diff/diff-service.ts';
import { isWorker } from '../../operations/worker/is-worker.ts';
import { exitCodes } from '../exit-codes.ts';
import type { DiffFlags } from '../flags.ts';
import type { DiffOutput } from '../output/diff.ts';
import { placeOf } from '../place.ts';
import { printDiff } from '../print-diff.ts';
import type { CommandContext, CommandResult } from '../run-command.ts';
import { readSecrets } from '../secrets.ts';

export async function diff(
  context: CommandContext,
  service: string,
  flags: DiffFlags,
): Promise<CommandResult<DiffOutput>> {
  const { cwd } = context;
  const secrets = await readSecrets(flags.secretsFile);
  const found = (await isWorker(cwd, { service, target: flags.target }))
    ? await (await import('./diff-worker.ts')).diffWorker(context, service, flags, secrets)
    : await diffService({ ...(await placeOf(cwd, service, flags)), cwd, to: flags.to, secrets });
  return {
    json: toJson(found),
    print: () => printDiff(found, flags.patch === true),
    exitCode: found.differs && flags.exitCode === true ? exitCodes.failed : exitCodes.ok,
  };
}

function toJson({ from, to, files, compose, uncompared, images, secrets, ...rest }: ServiceDiff): DiffOutput {
  const { added, removed, rotated } = secrets;
  return {
    ...rest,
    reasons: [...rest.reasons],
    drift: [...rest.drift],
    env: { added: [...rest.env.added], removed: [...rest.env.removed], changed: [...rest.env.changed] },
    from: { release: from.release ?? null, commit: from.commit },
    to: { release: to.release ?? null, commit: to.commit },
    files: files.map((file) => ({ ...file, added: file.added ?? null, removed: file.removed ?? null })),
    compose:
      compose === undefined
        ? null
        : { isNew: compose.isNew, stateful: [...compose.stateful], diff: compose.diff },
    uncompared,
    images: images.map(({ service, change, before, after, running }) => {
      return { service, change, before: before ?? null, after: after ?? null, running: running ?? null };
    }),
    secrets: { added: [...added], removed: [...removed], rotated: rotated ?? null },
  };
}
