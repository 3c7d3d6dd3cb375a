import { LaunchError } from '../errors.ts';
import { secretValue } from '../secrets/secret-value.ts';

/** What was given for an account, place by place. */
export interface CredentialSources {
  /** Of the inputs of an action. */
  readonly apiToken: string | undefined;
  readonly accountId: string | undefined;
  /** What was handed over as secrets; with the target's prefix the prefixed name wins. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly prefix: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** `account_id` of the wrangler configuration. */
  readonly configured: string | undefined;
}

export interface Credentials {
  readonly apiToken: string;
  readonly accountId: string;
  readonly apiUrl: string | undefined;
}

export const tokenName = 'CLOUDFLARE_API_TOKEN';
export const accountName = 'CLOUDFLARE_ACCOUNT_ID';

/**
 * The account and the token for it: the inputs, else the secrets, else the variables of this process. `isNeeded`: with
 * neither there is nothing to be done; else they are empty.
 *
 * @throws LaunchError SECRET_MISSING, CONFIG_INVALID
 */
export function chooseCredentials(sources: CredentialSources, isNeeded: boolean): Credentials {
  const { secrets, prefix, env, configured } = sources;
  const apiToken =
    sources.apiToken || secretValue(tokenName, prefix, secrets) || env[tokenName]?.trim() || undefined;
  const accountId =
    sources.accountId || secretValue(accountName, prefix, secrets) || env[accountName]?.trim() || configured;
  const apiUrl = env['CLOUDFLARE_API_BASE_URL'] || undefined;
  if (isNeeded && apiToken === undefined) {
    throw new LaunchError('SECRET_MISSING', 'There is no API token for Cloudflare.', {
      remedy: `Nothing has been changed. Give it as the input \`api-token\`, as ${tokenName} among the secrets (LAUNCH_SECRETS), or at a terminal as the variable ${tokenName}. It needs the permission "Workers Scripts: Edit".`,
    });
  }
  if (isNeeded && accountId === undefined) {
    throw new LaunchError('CONFIG_INVALID', 'It is not said which account of Cloudflare is meant.', {
      remedy: `Nothing has been changed. Give the input \`account-id\`, ${accountName} among the secrets or as a variable, or \`account_id\` in the wrangler configuration.`,
    });
  }
  return { apiToken: apiToken ?? '', accountId: accountId ?? '', apiUrl };
}
