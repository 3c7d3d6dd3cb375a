import { isRestricted } from '../../adapters/linode/account.ts';
import { LaunchError } from '../../core/errors.ts';
import { choosePlaces, passedText } from '../../core/gpu/choose-place.ts';
import { createBody, withoutSecrets } from '../../core/gpu/create-body.ts';
import { rulesFor } from '../../core/gpu/firewall.ts';
import { firewallLabel } from '../../core/gpu/labels.ts';
import { formatHourly } from '../../core/gpu/offer.ts';
import { deletionTag, launchTag, runTag } from '../../core/gpu/tags.ts';
import { createAnywhere, generatePassword, type Made } from './create-instance.ts';
import { ensureScript, planScript } from './ensure-script.ts';
import { chooseNetworks, ensureFirewallFor } from './firewall.ts';
import type { EnsureSession } from './session.ts';

/** An instance that is there now, or what would be sent for one. */
export type Making = Made | { readonly planned: Readonly<Record<string, unknown>> };

/** Makes the instance and what it needs. Everything that can be refused is refused before anything is made. */
export async function makeInstance(session: EnsureSession): Promise<Making> {
  const { request, client, reporter, run, files, warn } = session;
  const { places, passed } = choosePlaces(session.offers, request);
  if (passed.length > 0) reporter.debug(`Passed over: ${passedText(passed)}.`);
  const tags = await chooseTags(session);
  const script = await planScript(session);
  const networks = await chooseNetworks(session);
  const [first] = places;
  reporter.info(
    `${request.label} will cost ${formatHourly(first?.hourly)} (${first?.type} in ${first?.region}${places.length > 1 ? `, or ${places.length - 1} other places` : ''}), as long as it is there, also when it is powered off.`,
  );
  if (request.ttlMs === undefined) {
    warn(`${request.label} has no time to live: it costs until somebody deletes it. Give \`ttl\`.`);
  }
  if (files.authorizedKeys.length === 0) {
    warn(`No SSH key is given: nobody can log in to ${request.label} but by the console of Linode.`);
  }
  const password = generatePassword();
  request.onSecrets([password]);
  const wishes = {
    label: request.label,
    image: request.image,
    rootPassword: password,
    tags,
    authorizedKeys: files.authorizedKeys,
    stackScriptData: request.stackScriptData,
  };
  if (request.dryRun) {
    const body = createBody(
      {
        ...wishes,
        firewallId: undefined,
        stackScriptId: script?.found?.id ?? (script === undefined ? undefined : 0),
      },
      first ?? { type: '', region: '' },
    );
    return {
      planned: {
        places: places.map(({ type, region, hourly }) => ({ type, region, hourly: hourly ?? null })),
        firewall: { label: firewallLabel(request.label), rules: rulesFor(request.label, networks) },
        stackscript:
          script === undefined
            ? null
            : { label: script.text?.label ?? script.found?.label, change: script.change },
        instance: withoutSecrets(body),
      },
    };
  }

  // Whatever ends this process from here on: the label and the run are known to whoever cleans up.
  session.begun = { label: request.label, run, since: client.now(), onFailure: request.onFailure };
  request.onBegun?.(session.begun);
  const stackScriptId = await ensureScript(session, script);
  // First, so that the instance is never without it.
  const firewallId = await ensureFirewallFor(session, networks);
  const made = await createAnywhere(session, places, { ...wishes, firewallId, stackScriptId });
  if (made.created) {
    session.begun = { ...session.begun, id: made.instance.id };
    request.onBegun?.(session.begun);
  } else {
    // Another run was quicker; what it made is not this one's to take back.
    session.begun = undefined;
    request.onSettled?.();
  }
  return made;
}

/** @throws LaunchError CONFIG_INVALID where tags are needed and this user may not set any */
async function chooseTags({ request, client, run }: EnsureSession): Promise<readonly string[]> {
  const { ttlMs, tags } = request;
  const isNeeded = ttlMs !== undefined || tags.length > 0;
  const restricted = await isRestricted(client);
  if (isNeeded && restricted === true) throw mayNotTag();
  // Who may not be asked for is taken as restricted: without need no tag is worth a refusal.
  if (!isNeeded && restricted !== false) return [];
  return [
    launchTag,
    runTag(run),
    ...(ttlMs === undefined ? [] : [deletionTag(client.now() + ttlMs)]),
    ...new Set(tags),
  ];
}

export function mayNotTag(): LaunchError {
  return new LaunchError('CONFIG_INVALID', "The token's user is restricted and may not set tags.", {
    remedy:
      'Nothing has been made. A time to live and tags need the token of an unrestricted user; or leave `ttl` and `tags` out and delete the instance yourself.',
  });
}
