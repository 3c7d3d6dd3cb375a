import { parseDetails } from '../../core/notify/details.ts';
import { readChannels } from '../../core/notify/read-channels.ts';
import { runStatuses } from '../../core/notify/run-report.ts';
import { assertSize } from '../../core/secrets/parse-secrets.ts';
import { inputs } from '../../runner/inputs.ts';
import { mask } from '../../runner/mask.ts';

/** Channels come first: from then on the runner hides what of them is a secret, whatever else goes wrong. */
export function readInputs() {
  const text = inputs.raw('channels') ?? '';
  const channels = readChannels(text);
  mask(channels.secrets);
  assertSize(Buffer.byteLength(text), 'The input `channels`');
  return {
    channels,
    status: inputs.text('status') === undefined ? undefined : inputs.choice('status', runStatuses, 'success'),
    title: inputs.text('title'),
    details: parseDetails(inputs.text('details') ?? ''),
    token: inputs.text('token'),
  };
}
