import type { GpuPlace } from './choose-place.ts';
import { isSecretField } from './user-defined-fields.ts';

export interface CreateWishes {
  readonly label: string;
  readonly image: string;
  readonly rootPassword: string;
  readonly authorizedKeys: readonly string[];
  /** Empty: the user may not set any. */
  readonly tags: readonly string[];
  readonly firewallId: number | undefined;
  readonly stackScriptId: number | undefined;
  readonly stackScriptData: ReadonlyMap<string, string>;
}

/** The body of `POST /linode/instances`. */
export function createBody(wishes: CreateWishes, { type, region }: Pick<GpuPlace, 'type' | 'region'>) {
  const { label, image, rootPassword, authorizedKeys, tags, firewallId, stackScriptId } = wishes;
  return {
    label,
    type,
    region,
    image,
    root_pass: rootPassword,
    ...(authorizedKeys.length === 0 ? {} : { authorized_keys: authorizedKeys }),
    ...(tags.length === 0 ? {} : { tags }),
    // With the newer kind of interfaces a firewall is given for each of them; which kind it is depends on the account
    // unless it is said.
    ...(firewallId === undefined ? {} : { firewall_id: firewallId }),
    interface_generation: 'legacy_config',
    ...(stackScriptId === undefined
      ? {}
      : {
          stackscript_id: stackScriptId,
          ...(wishes.stackScriptData.size === 0
            ? {}
            : { stackscript_data: Object.fromEntries(wishes.stackScriptData) }),
        }),
  };
}

/** The same for people: nothing in it is secret. */
export function withoutSecrets(body: ReturnType<typeof createBody>): Readonly<Record<string, unknown>> {
  const { stackscript_data: data, ...rest } = { stackscript_data: undefined, ...body };
  return {
    ...rest,
    root_pass: '***',
    ...(data === undefined
      ? {}
      : {
          stackscript_data: Object.fromEntries(
            Object.entries(data).map(([name, value]) => [
              name,
              isSecretField(name) && value !== '' ? '***' : value,
            ]),
          ),
        }),
  };
}
