import type { LinodeClient } from '../../adapters/linode/api.ts';
import { deleteFirewall, isInUse, listFirewalls } from '../../adapters/linode/firewalls.ts';
import { deleteInstance, listInstances, readInstance } from '../../adapters/linode/instances.ts';
import { listTypesIfTold } from '../../adapters/linode/offers.ts';
import { formatDuration } from '../../core/config/duration.ts';
import { counted } from '../../core/counted.ts';
import { LaunchError } from '../../core/errors.ts';
import { isMadeByLaunch } from '../../core/gpu/firewall.ts';
import { type GpuInstance, isGoing } from '../../core/gpu/instance.ts';
import { type GpuResult, plainResult, showInstance } from '../../core/gpu/result.ts';
import { deletionTime } from '../../core/gpu/tags.ts';
import { formatDistance } from '../../core/gpu/time-to-live.ts';
import { printable } from '../../core/names.ts';
import type { Reporter } from '../reporter.ts';
import { type GpuAccess, openLinode } from './access.ts';
import { removeFirewallOf } from './firewall.ts';

export interface ReapRequest extends GpuAccess {
  readonly dryRun: boolean;
}

/** More than what two clocks differ by that are kept right. */
const clocksApartMs = 300_000;

/** A firewall without an instance may be of a run that is about to make one. */
const orphanMs = 3_600_000;

/**
 * Deletes each instance whose deletion time is past, also when it is powered off, because that costs the same; and the
 * firewalls that Launch made for instances that are gone. A fault of the API at one of them does not spare the others.
 */
export async function reap(request: ReapRequest, reporter: Reporter): Promise<GpuResult> {
  const began = performance.now();
  const client = openLinode(request, { retries: 6 });
  // All of them before the first is deleted: a page of a list that shrinks leaves some out.
  const [instances, types] = await Promise.all([listInstances(client), listTypesIfTold(client)]);
  const notices: string[] = [];
  const failures: LaunchError[] = [];
  const isDue = isPast(client, (tag, label) => {
    notices.push(`The tag ${printable(tag, 60)} of ${label} can't be read; the instance is left.`);
    reporter.warning(notices.at(-1) ?? '');
  });
  const apartMs = Date.now() - client.now();
  if (Math.abs(apartMs) > clocksApartMs) {
    notices.push(
      `The clock of this machine is ${apartMs > 0 ? 'ahead of' : 'behind'} Linode's by ${formatDuration(Math.abs(apartMs))}: the earlier one counts, so that nothing goes early.`,
    );
    reporter.warning(notices.at(-1) ?? '');
  }
  const due = instances.filter((it) => !isGoing(it) && isDue(it));
  const past: GpuInstance[] = [];
  for (const instance of due) {
    const { label, id } = instance;
    if (request.dryRun) {
      past.push(instance);
      continue;
    }
    await attempt(failures, reporter, label, async () => {
      // It may have been given more time since the list was read.
      const now = await readInstance(client, id);
      if (now === undefined || isGoing(now) || !isDue(now)) return;
      await deleteInstance(client, id);
      past.push(instance);
      reporter.info(`${label} (${id}) is deleted.`);
      await removeFirewallOf(client, label, id);
    });
  }
  if (!request.dryRun)
    await attempt(failures, reporter, 'the firewalls', () => sweepFirewalls(client, reporter));
  const { length } = failures;
  return plainResult(
    'reap',
    length > 0 ? 'failed' : past.length === 0 ? 'nothing' : request.dryRun ? 'planned' : 'reaped',
    {
      instances: past.map((it) => showInstance(it, types, client.now())),
      notices,
      durationMs: Math.round(performance.now() - began),
      failure:
        length === 0
          ? undefined
          : new LaunchError(
              'API_ERROR',
              `${counted(length, 'deletion')} failed: ${failures.map(({ summary }) => summary).join(' ')}`,
              {
                remedy: 'The next run tries again; until then they cost.',
                cause: failures[0],
              },
            ),
    },
  );

  function isPast(api: LinodeClient, onUnreadable: (tag: string, label: string) => void) {
    return ({ tags, label }: GpuInstance): boolean => {
      const time = deletionTime(tags);
      if (time.kind === 'unreadable') onUnreadable(time.tag, label);
      // A clock that is wrong here must not end what somebody else's clock gave time to.
      if (time.kind !== 'at') return false;
      const left = time.ms - Math.min(Date.now(), api.now());
      reporter.debug(`${label}: ${formatDistance(left)}`);
      return left < 0;
    };
  }
}

async function attempt(
  failures: LaunchError[],
  reporter: Reporter,
  what: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Also a refusal: a token that may not touch one instance, or no firewalls, may delete the rest.
    if (!(error instanceof LaunchError) || error.code === 'CANCELLED') throw error;
    failures.push(error);
    reporter.warning(`${what}: ${error.message}`);
  }
}

/** Those of runs that were ended between an instance and its firewall. */
async function sweepFirewalls(client: LinodeClient, reporter: Reporter): Promise<void> {
  for (const firewall of await listFirewalls(client)) {
    if (!isMadeByLaunch(firewall) || client.now() - firewall.createdAt < orphanMs) continue;
    if (await isInUse(client, firewall.id)) continue;
    await deleteFirewall(client, firewall.id);
    reporter.info(`The firewall ${firewall.label}, which nothing stood behind any more, is deleted.`);
  }
}
