import { LaunchError } from '../../core/errors.ts';
import { isPublicAddress } from '../../core/gpu/networks.ts';
import { toldOf } from '../../core/gpu/sandbox.ts';
import { printable } from '../../core/names.ts';
import { ask } from './ask.ts';

/** Answers with the address that a request came from, and nothing else. */
const addressService = 'https://checkip.amazonaws.com/';

/**
 * The public address that this machine's requests come from, past any proxy: what goes to an instance later does not
 * take the proxy either.
 *
 * @throws LaunchError CONFIG_INVALID when it can't be told
 */
export async function callerAddress(
  service: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const url = service ?? addressService;
  const asked = await ask(url, { timeoutMs: 10_000, signal });
  const address = asked.kind === 'answer' && asked.status === 200 ? asked.body.trim() : undefined;
  if (address !== undefined && isPublicAddress(address)) return address;
  throw new LaunchError(
    'CONFIG_INVALID',
    `This machine's own address can't be told: ${printable(url, 80)} gave ${address === undefined ? toldOf(asked) : `"${printable(address, 40)}"`}.`,
    {
      remedy:
        'Nothing has been made. Say from which addresses the instance may be reached: the input `firewall`, or --firewall; a service that tells addresses can be named by LAUNCH_ADDRESS_URL.',
    },
  );
}
