import { type Finding, failed, ok, warning } from '../core/diagnosis.ts';
import type { HostedNow } from './hosted-services.ts';
import { readStatus, type ServiceStatus } from './read-status.ts';

export interface ServicesQuestion {
  readonly stateRoot: string;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly hosted: readonly HostedNow[];
  /** The repository of this checkout and the services in it; undefined outside of one. */
  readonly repository: { readonly name: string; readonly services: ReadonlySet<string> } | undefined;
}

/** Whether each service of this host is healthy and as it was released, frozen, or gone from the repository. */
export async function diagnoseServices(question: ServicesQuestion): Promise<Finding[]> {
  const found = await readStatus({ ...question, services: [] });
  return found.flatMap((it) => [...judgeService(it), ...judgeFreeze(it), ...judgeFolder(it, question)]);
}

function judgeService({ service, target, release, health, detail, drift }: ServiceStatus): Finding[] {
  // What is there of it is told by its journal, or as an orphan.
  if (release === undefined) return [];
  const subject = `service ${service} on ${target}`;
  const said = [detail, ...drift].filter((it) => it !== '').join('; ');
  const remedy = `Deploy it again with \`launch deploy ${service}\`, or go back with \`launch rollback ${service}\`.`;
  if (health === 'unhealthy') return [failed(subject, said, remedy)];
  if (drift.length > 0) return [warning(subject, said, remedy)];
  if (health === 'starting') return [warning(subject, said, 'Look again in a moment with `launch status`.')];
  return [ok(subject, health === 'unknown' ? said : 'healthy, and as it was released')];
}

function judgeFreeze({ service, target, frozen }: ServiceStatus): Finding[] {
  if (frozen === undefined) return [];
  const by = frozen.by === undefined ? '' : ` by ${frozen.by}`;
  return [
    warning(
      `freeze of ${service} on ${target}`,
      `${frozen.reason} (since ${frozen.at}${by})`,
      `Deployments are held. To let them through, run \`launch unfreeze ${service}\`.`,
    ),
  ];
}

function judgeFolder(
  { service, target, repository }: ServiceStatus,
  { repository: here, hosted }: ServicesQuestion,
): Finding[] {
  if (here === undefined || here.name !== repository || here.services.has(service)) return [];
  const current = hosted.find(
    (it) => it.service === service && it.target === target && it.repository === repository,
  )?.current;
  if (current === undefined) return [];
  const what = current.project === undefined ? current.id : `the project ${current.project}`;
  return [
    warning(
      `folder of ${service} on ${target}`,
      `the repository has no service of that name any more; ${what} may run on`,
      `Where it was renamed or removed on purpose, take it down with \`launch remove ${service} --target ${target}\`; its data is kept.`,
    ),
  ];
}
