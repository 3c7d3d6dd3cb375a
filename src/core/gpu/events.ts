/** Something that happened to an instance. */
export interface InstanceEvent {
  readonly id: number;
  /** `linode_create`, `linode_boot` and so on. */
  readonly action: string;
  /** `scheduled`, `started`, `finished`, `failed`, `notification` or `canceled`. */
  readonly status: string;
  readonly message: string | undefined;
  /** 0 to 100. */
  readonly percent: number | undefined;
}

export type BootProgress =
  | { readonly state: 'waiting'; readonly told: string }
  | { readonly state: 'booted' }
  | { readonly state: 'failed'; readonly told: string };

const steps = ['linode_create', 'linode_boot'] as const;
const over = ['failed', 'canceled'];

/** How far the create and the first boot of an instance are, by its events; those of other things say nothing. */
export function bootProgress(events: readonly InstanceEvent[]): BootProgress {
  let told = 'nothing is known of it yet';
  for (const step of steps) {
    // The newest of its kind: a boot that failed may have been tried again.
    const event = events.filter(({ action }) => action === step).toSorted((a, b) => b.id - a.id)[0];
    if (event === undefined) continue;
    const said = event.message === undefined || event.message === '' ? '' : `: ${event.message}`;
    if (over.includes(event.status)) return { state: 'failed', told: `${step} ${event.status}${said}` };
    if (step === 'linode_boot' && event.status === 'finished') return { state: 'booted' };
    const percent = event.percent === undefined ? '' : `, ${event.percent} %`;
    told = `${step} ${event.status}${event.status === 'started' ? percent : ''}`;
  }
  return { state: 'waiting', told };
}
