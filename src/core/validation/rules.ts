import { error, type RuleDoc, warning } from './rule-doc.ts';
import { workerErrors, workerWarnings } from './worker-rule-docs.ts';

/** Every rule of `validate-service`, the weightiest first: where only some problems can be shown, in this order. */
export const ruleDocs: readonly RuleDoc[] = [
  error(
    'hard-coded-credential',
    'A credential stands in a file',
    'Everyone who can read the repository can use it, now and in its history. Revoke it, put the new one into LAUNCH_SECRETS, name it under `secrets` in service.yml and refer to it by `$NAME`. Where it is none, say so in a comment on that line or the one above: `launch:allow-credential <reason>`.',
  ),
  error(
    'unencrypted-secrets',
    'secrets.enc.env holds values in plain',
    'It is for secrets that SOPS has encrypted. Everyone who can read the repository can use what stands there in plain, now and in its history. Replace those values where they are used, then `sops encrypt --in-place`; edit it by `sops edit` alone.',
  ),
  error('yaml-syntax', 'A file is not valid YAML', 'Mend the syntax at that place.'),
  error('config-invalid', "A configuration file can't be used", 'Mend what the message names.'),
  error(
    'unknown-key',
    'A key is not known',
    'A misspelt key would be ignored in silence, so it is refused. Use the nearest known key.',
  ),
  error('invalid-type', 'A value has the wrong type', 'Write the type that the message names.'),
  error('invalid-value', 'A value is not allowed there', 'Write one of the values that the message names.'),
  error(
    'service-folder',
    "A service folder can't be used",
    "A service's name is its folder's: 1 to 63 lower-case letters, digits and hyphens, once in a repository.",
  ),
  error(
    'target-unknown',
    'A service names no target, or one that is not declared',
    'Declare it under `targets` in launch.yml, or name a declared one.',
  ),
  error(
    'no-deployment',
    'A service has no way to deploy',
    'Add a compose file, a wrangler configuration or deploy.sh; they also tell the driver.',
  ),
  error(
    'depends-on-unknown',
    'A service depends on one that does not exist',
    'Correct the name under `depends-on`, or remove it.',
  ),
  error(
    'depends-on-order',
    "The order of deployment can't be worked out",
    'Services may not depend on each other in a circle, nor more than five deep. Remove one of the entries.',
  ),
  error(
    'compose-invalid',
    'The compose file is refused by compose',
    'Mend what the message names; `docker compose config` shows the same.',
  ),
  error(
    'duplicate-port',
    'A host port is published twice on one target',
    "Two containers can't listen on the same address and port of one host: the later one does not start. Publish another port, or bind different addresses.",
  ),
  error(
    'reserved-port',
    'A reserved host port is published',
    "22, 80 and 443 belong to the host: to SSH and to the edge proxy. A deployment refuses them. Publish another port and add a `route`, or allow it under the target's `allowed-ports` in launch.yml.",
  ),
  error(
    'duplicate-route',
    'Two services claim one route on one target',
    'The edge proxy leads a host and path to one service; the deployment of the second is refused. Give one of them another host or path.',
  ),
  error(
    'undeclared-variable',
    'A variable of the compose file has no value',
    'Only what service.yml declares under `env` or `secrets`, or a tracked .env file sets, reaches a deployment. Declare it, or write a default (`:-value`) behind its name.',
  ),
  error(
    'reserved-variable',
    'A service sets a variable of the tools that deploy it',
    'With it a service could lead its deployment to another engine or program. Give it to the container in the compose file instead.',
  ),
  error(
    'missing-secret',
    'A declared secret has no value',
    "Add it to LAUNCH_SECRETS of the target's environment, or remove its name from `secrets`.",
  ),
  error(
    'path-outside-repository',
    'A path leads out of the repository',
    'A release is a snapshot of the repository; what lies outside is not in it. Move the file into the repository.',
  ),
  error(
    'symlink-outside-repository',
    'A symlink leads out of the repository',
    'A release is a snapshot of the repository; what lies outside is not in it. Replace the link by the file.',
  ),
  error(
    'undeclared-input',
    'A file of another folder is used but not declared',
    "Only the service's folder and its `inputs` are in a release. Name the file under `inputs` in service.yml; a change of it then redeploys the service, too.",
  ),
  error(
    'path-missing',
    'A file that is named does not exist',
    'Add and commit the file, or correct the path.',
  ),
  error(
    'required-file',
    'A required file is missing',
    'Every service explains itself (README.md); the input `required-files` can ask for more.',
  ),
  error(
    'no-health-check',
    'A service has no way to check its health',
    'Without one a broken release looks like a good one. Add health-check.sh, `health` in service.yml, or a `healthcheck` in the compose file.',
  ),
  error(
    'deploy-script-strategy',
    'deploy.sh stands in the way of the strategy',
    'deploy.sh is a start step of its own and goes with `strategy: recreate` only. Remove deploy.sh: the compose driver does rolling and blue-green itself.',
  ),
  error(
    'strategy-without-route',
    'A strategy without a route',
    'rolling and blue-green move requests from the old containers to the new ones, which takes `route: {host, path, port}` and the edge proxy. Add the route, or use `strategy: recreate`.',
  ),
  error(
    'script-not-executable',
    'A script is not executable',
    'Git keeps the permission: `git update-index --chmod=+x <file>`, then commit. A warning for scripts that Launch does not start itself.',
  ),
  error(
    'script-without-shebang',
    'A script has no shebang',
    'The kernel needs a first line such as `#!/usr/bin/env bash` to start it.',
  ),
  error(
    'crlf-line-endings',
    'A script has Windows line endings',
    'The carriage return becomes part of each command. Save the file with LF, and put `*.sh text eol=lf` into .gitattributes.',
  ),
  error('script-not-text', 'A script holds binary data', 'A script is text; rename the file or mend it.'),
  error(
    'file-too-large',
    'A file is too large to be checked',
    'Scripts and configuration of more than 1 MiB are not looked into. Keep data apart from scripts.',
  ),
  error(
    'file-name',
    "A file has a name that can't be handled",
    "Rename it: a file's name must be valid UTF-8.",
  ),
  error(
    'shellcheck-failed',
    'ShellCheck could not check a script',
    'It stopped or took too long on it. Run shellcheck on the file by hand; split the script if it is large.',
  ),
  ...workerErrors,
  warning(
    'no-way-down',
    'A service with `on-delete: stop` has nothing that stops it',
    'A script is taken down by its own remove.sh, as the last release has it. Add one before the service is deleted; without it the service is reported, and runs on.',
  ),
  warning(
    'shellcheck-unavailable',
    'ShellCheck did not run',
    'Install it (Debian and Ubuntu: apt-get install shellcheck), or set the input `shellcheck` to off. An error when the input asks for a severity.',
  ),
  warning(
    'latest-tag',
    'An image has no fixed version',
    "`latest` names another image every day, so a release can't be told from the next one. Name a version, or better a digest.",
  ),
  warning(
    'privileged-container',
    "A container has the host's privileges",
    'A fault in it becomes a fault of the host. Drop `privileged` and name the few capabilities or devices that it needs.',
  ),
  warning(
    'docker-socket',
    'A container controls the container engine',
    'Whoever controls it is root on the host. Use a socket proxy that allows only what is needed.',
  ),
  warning(
    'host-namespace',
    'A container shares a namespace of the host',
    "It sees the host's network, processes or memory, and its ports are not checked for clashes. Publish ports instead.",
  ),
  warning(
    'remote-include',
    'The compose file includes one from elsewhere',
    'It is fetched at every deployment and can change in between, so Launch neither fetches nor checks it. Copy it into the repository.',
  ),
  warning(
    'unused-secret',
    'A declared secret is used nowhere',
    'A secret that nothing reads need not be on the host. Remove it from `secrets`, or refer to it.',
  ),
  ...workerWarnings,
  warning('broken-symlink', 'A symlink leads nowhere', 'Add what it points to, or remove the link.'),
  warning(
    'submodule-not-checked-out',
    'A submodule was not checked',
    'Its files are not there. Set `submodules: true` for actions/checkout.',
  ),
];

const byId = new Map(ruleDocs.map((doc, rank) => [doc.id, { doc, rank }]));

/** The documentation of a rule; ShellCheck's own rules (`SC2086`) share one. */
export function ruleDoc(id: string): RuleDoc {
  const known = byId.get(id)?.doc;
  if (known !== undefined) return known;
  return {
    id,
    severity: 'warning',
    summary: `ShellCheck ${id}`,
    help: `See https://www.shellcheck.net/wiki/${id}. Where it does not apply, say so above the line: # shellcheck disable=${id}`,
  };
}

/** How weighty a rule is; less comes first. ShellCheck's rules come before the warnings. */
export function ruleRank(id: string): number {
  return byId.get(id)?.rank ?? (byId.get('shellcheck-unavailable')?.rank ?? 0) - 0.5;
}

/** Whether `id` is a rule that is documented. */
export function isRule(id: string): boolean {
  return byId.has(id) || /^SC\d{4}$/.test(id);
}
