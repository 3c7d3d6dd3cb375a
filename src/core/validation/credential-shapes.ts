/** A kind of credential that is known by its looks alone. */
export interface CredentialShape {
  readonly kind: string;
  /** With the flag `g`; bounded, so that no text makes it slow. The group `key`, if any, is the credential itself. */
  readonly pattern: RegExp;
}

/** Formats as their issuers document them; prefix and length together make a chance match unlikely. */
export const credentialShapes: readonly CredentialShape[] = [
  { kind: 'an AWS access key id', pattern: /(?<![A-Za-z0-9/+_])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9/+])/g },
  {
    kind: 'an AWS secret access key',
    pattern:
      /aws_?secret_?(?:access_?)?key["']?\s{0,4}[:=]\s{0,4}["']?(?<key>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  { kind: 'a GitHub token', pattern: /(?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9]{36,251}/g },
  { kind: 'a GitHub token', pattern: /(?<![A-Za-z0-9_])github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{40,120}/g },
  { kind: 'a GitLab token', pattern: /(?<![A-Za-z0-9_])gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{20,60}/g },
  { kind: 'a Slack token', pattern: /(?<![A-Za-z0-9_])xox[abeoprs]-[A-Za-z0-9-]{10,250}/g },
  {
    kind: 'a Slack webhook',
    pattern:
      /hooks\.slack\.com\/(?:services|workflows)\/T[A-Za-z0-9_]{6,16}\/[A-Za-z0-9_]{6,16}\/[A-Za-z0-9_]{16,40}/g,
  },
  {
    kind: 'a Discord webhook',
    pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{15,22}\/[A-Za-z0-9_-]{50,90}/g,
  },
  { kind: 'a private key', pattern: /-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----/g },
  { kind: 'an age secret key', pattern: /AGE-SECRET-KEY-1[0-9A-Z]{58}/g },
  { kind: 'a Stripe key', pattern: /(?<![A-Za-z0-9_])[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}/g },
  { kind: 'a Stripe webhook secret', pattern: /(?<![A-Za-z0-9_])whsec_[A-Za-z0-9+/=]{24,100}/g },
  { kind: 'a Google API key', pattern: /(?<![A-Za-z0-9_-])AIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])/g },
  { kind: 'an OpenAI key', pattern: /(?<![A-Za-z0-9_-])sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,250}/g },
  { kind: 'an OpenAI key', pattern: /(?<![A-Za-z0-9_-])sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}/g },
  { kind: 'an Anthropic key', pattern: /(?<![A-Za-z0-9_-])sk-ant-[a-z]{3,8}\d{2}-[A-Za-z0-9_-]{40,250}/g },
  { kind: 'a Hugging Face token', pattern: /(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{34,40}(?![A-Za-z0-9])/g },
  { kind: 'an npm token', pattern: /(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g },
  { kind: 'a PyPI token', pattern: /(?<![A-Za-z0-9_])pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,250}/g },
  { kind: 'a Docker token', pattern: /(?<![A-Za-z0-9_])dckr_(?:pat|oat)_[A-Za-z0-9_-]{24,60}/g },
  { kind: 'a SendGrid key', pattern: /(?<![A-Za-z0-9_])SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/g },
  {
    kind: 'a Telegram bot token',
    pattern: /(?<![A-Za-z0-9_])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])/g,
  },
  { kind: 'a DigitalOcean token', pattern: /(?<![A-Za-z0-9_])do[opr]_v1_[a-f0-9]{64}/g },
  {
    kind: 'a JSON Web Token',
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,500}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,700}/g,
  },
  {
    kind: 'an Authorization header',
    pattern:
      /authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:bearer|basic|token)\s{1,4}(?<key>(?=[A-Za-z0-9._~+/=-]{0,200}\d)(?=[A-Za-z0-9._~+/=-]{0,200}[A-Za-z])[A-Za-z0-9._~+/=-]{16,500})/gi,
  },
  { kind: 'a Vault token', pattern: /(?<![A-Za-z0-9_])hv[sb]\.[A-Za-z0-9_-]{24,250}/g },
];

/** A text that no credential shape and no named credential is without; most files fail it, and are done. */
export const worthALook =
  /pass|pwd|secret|token|key|credential|auth|AKIA|ASIA|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|ptt)-|xox|hooks\.slack|webhooks\/|[sr]k_|sk-|whsec_|AIza|hf_|npm_|pypi-|dckr_|SG\.|:AA|do[opr]_v1|hv[sb]\.|eyJ|:\/\/[^\s/@]{1,200}@/i;
