import type { Zone } from '../../adapters/cloudflare/dns.ts';
import { ensure } from '../../adapters/cloudflare/ensure.ts';
import { cloudflareCodeOf } from '../../adapters/cloudflare/failure.ts';
import { planRecord, type RecordPlan } from '../../core/cloudflare/tunnel/dns-plan.ts';
import { LaunchError } from '../../core/errors.ts';
import type { CloudflareSide } from './cloudflare-side.ts';
import type { Steps } from './steps.ts';

export interface NamedRecord {
  readonly hostname: string;
  readonly zone: Zone;
  readonly tunnel: string;
  /** Undefined for a tunnel that is yet to be made. */
  readonly tunnelId: string | undefined;
  readonly overwrite: boolean;
}

/** @throws LaunchError CONFIG_INVALID where somebody else has the name */
export async function planName({ dns }: CloudflareSide, named: NamedRecord): Promise<RecordPlan> {
  const plan = planRecord(await dns.named(named.zone.id, named.hostname), named);
  if (plan.kind !== 'refused') return plan;
  const holders = plan.holders.join(', ');
  throw new LaunchError(
    'CONFIG_INVALID',
    `The name ${named.hostname} is somebody else's: the zone ${named.zone.name} has ${holders} there.`,
    {
      remedy: plan.mayBeTold
        ? 'Nothing has been changed. Delete that record, choose another hostname, or say `overwrite-dns: true` (--overwrite-dns) to have it replaced.'
        : 'Nothing has been changed. That part of the zone is in the hands of other name servers: choose another hostname.',
    },
  );
}

/** Has the name lead to the tunnel; also where only the answer to a change is lost. */
export async function leadName(
  cloudflare: CloudflareSide,
  named: NamedRecord,
  steps: Steps,
): Promise<RecordPlan> {
  const plan = await planName(cloudflare, named);
  const { hostname, zone } = named;
  const { dns } = cloudflare;
  switch (plan.kind) {
    case 'create':
      await steps.take(`made the DNS record of ${hostname}`, async () => {
        await surely(cloudflare, named, async () => await dns.create(zone.id, plan.record));
      });
      break;
    case 'update':
      await steps.take(`set the DNS record of ${hostname} right, which was ${plan.from}`, async () => {
        await dns.update(zone.id, plan.id, plan.record);
      });
      break;
    case 'replace':
      await steps.take(
        `replaced the DNS record of ${hostname}, which was ${plan.from.join(', ')}`,
        async () => {
          await surely(cloudflare, named, async () => await dns.replace(zone.id, plan.ids, plan.record));
        },
      );
      break;
    default:
  }
  return plan;
}

/** Changes the name once, also where an answer is lost on the way or another run is first. */
async function surely(
  cloudflare: CloudflareSide,
  named: NamedRecord,
  change: () => Promise<void>,
): Promise<void> {
  const isRight = async () => (await planName(cloudflare, named)).kind === 'none';
  await ensure({
    find: async () => ((await isRight()) ? named : undefined),
    make: async () => {
      await change();
      return named;
    },
    // 81053 and 81057: there is such a record already.
    isTaken: (error) => [81_053, 81_057].includes(cloudflareCodeOf(error) ?? 0),
  });
}
