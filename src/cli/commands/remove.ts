import type { RemovalResult } from '../../core/deploy/removal-result.ts';
import { LaunchError } from '../../core/errors.ts';
import { findServiceState } from '../../operations/find-service-state.ts';
import { removeService } from '../../operations/remove-service.ts';
import { isWorker } from '../../operations/worker/is-worker.ts';
import { confirmLabel } from '../confirm-label.ts';
import { exitCodes } from '../exit-codes.ts';
import type { RemoveFlags } from '../flags.ts';
import { interruption } from '../interruption.ts';
import type { RemoveOutput } from '../output/remove.ts';
import { placeOf, whoAmI } from '../place.ts';
import type { CommandContext, CommandResult, ReadonlyDeep } from '../run-command.ts';
import { readSecrets } from '../secrets.ts';

export async function remove(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: RemoveFlags,
): Promise<CommandResult<RemoveOutput>> {
  if (await isWorker(cwd, { service, target: flags.target })) throw aWorker(service);
  const place = await placeOf(cwd, service, flags);
  // Whoever mistypes it is told before he is asked.
  const { owner } = await findServiceState({ ...place, evenUnreleased: true });
  if (flags.yes !== true) {
    await confirmLabel(
      service,
      { input: process.stdin, output: process.stderr },
      { what: `${service} on ${owner.target} will be taken down; its data is kept.`, command: 'remove' },
    );
  }
  const result = await removeService(
    {
      ...place,
      target: owner.target,
      secrets: await readSecrets(flags.secretsFile),
      timeoutMs: 300_000,
      by: whoAmI(),
      trigger: { event: 'terminal' },
      signal: interruption(),
      mayTakeItsTime: true,
    },
    reporter,
  );
  const exitCode = result.status === 'left' ? exitCodes.failed : exitCodes.ok;
  return { json: toJson(result), print: () => print(result), exitCode };
}

function print({
  status,
  service,
  target,
  release,
  why,
  containers,
  volumes,
  data,
  notices,
}: RemovalResult): void {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  if (status === 'absent') say(`Nothing of ${service} runs on ${target}.`);
  if (status === 'left') say(`${service} on ${target} was left as it is. ${why ?? ''}`);
  if (status !== 'removed') return;
  say(`${service} on ${target} is taken down (${release ?? 'an unknown release'}).`);
  if (containers.length > 0) say(`Removed: ${containers.join(', ')}`);
  if (volumes.length > 0) say(`Volumes kept: ${volumes.join(', ')}`);
  if (data !== undefined) say(`Data kept: ${data}`);
  for (const notice of notices) say(notice);
  say(`Deployed again, it finds its data as it was; launch rollback ${service} brings it back as well.`);
}

function toJson({ release, commit, data, why, ...rest }: RemovalResult): ReadonlyDeep<RemoveOutput> {
  return { ...rest, release: release ?? null, commit: commit ?? null, data: data ?? null, why: why ?? null };
}

function aWorker(service: string): LaunchError {
  return new LaunchError('CONFIG_INVALID', `"${service}" is a worker: nothing of it is on this machine.`, {
    remedy: 'Delete it at Cloudflare with `npx wrangler delete`; its Durable Objects would go with it.',
  });
}
