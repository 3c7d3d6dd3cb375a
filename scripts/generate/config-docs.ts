// What each key of the configuration files is for, as editors show it beside the key.

export const launchFileDocs: Readonly<Record<string, string>> = {
  services: 'Where the services are: a glob or a list of globs that name folders. Default: services/*.',
  targets: 'The places to deploy to, by name.',
  'targets.*.runs-on': "What the target's runner is found by: a label, a list of labels, or {group, labels}.",
  'targets.*.runs-on.group': 'The name of a runner group.',
  'targets.*.runs-on.labels': 'A label, or a list of labels that one runner must all have.',
  'targets.*.host': "The machine's name or address, from which a service's URL is made.",
  'targets.*.environment': 'The GitHub environment whose secrets and rules the deployment gets.',
  'targets.*.secret-prefix': 'A secret with this prefix wins over the one without, on this target.',
  'targets.*.driver': 'How services get to this target, where they do not say it themselves.',
  'targets.*.port-range':
    'Host ports such as 20000-29999, of which each service of the target gets one of its own, as LAUNCH_PORT.',
  'targets.*.allowed-ports':
    'Of the reserved host ports 22, 80 and 443 those that services may publish here.',
  defaults: 'What holds for services that say nothing else.',
  'defaults.target': 'The target of services that name none.',
  registries: 'Registries to log in to for a deployment; logged out afterwards.',
  'registries[].host': 'The host of the registry, for example ghcr.io.',
  'registries[].username': 'Who logs in.',
  'registries[].password-secret': 'The name of the secret with the password or token.',
  shared: 'Files outside of the services whose change redeploys services.',
  'shared[].paths': 'Globs from the top of the repository.',
  'shared[].services': 'The names of the services that are redeployed, or "*" for all.',
};

const serviceKeys: Readonly<Record<string, string>> = {
  enabled: 'false: the service is validated and never deployed.',
  target: 'The target it is deployed to.',
  targets:
    'The targets it is deployed to, when there are several: a list of names, or a map from a name to what differs there.',
  driver:
    'How it gets there. Inferred from its files: compose file, wrangler configuration, or deploy.sh alone.',
  strategy: 'How a new release takes over.',
  drain: 'How long the old release may finish its requests, for rolling and blue-green. Default: 30s.',
  steady:
    'How long a new release has to run without an exit or a restart once its checks have passed. Default: 0s, and 10s where nothing is checked.',
  stateful: 'Compose services that a switch never touches, such as databases.',
  route: 'Where the edge proxy offers the service.',
  'route.host': 'The host name that leads to it.',
  'route.path': 'The path that leads to it, with everything below.',
  'route.port': 'The port on which the service itself listens.',
  'route.service': 'The compose service that it leads to, where several could be meant.',
  url: "Shown to people. Default: made from the target's host and the published port.",
  'depends-on': 'Services that are deployed in an earlier wave.',
  inputs: 'Globs of files elsewhere that are part of this service, relative to its folder.',
  ignore: 'Globs of files whose change alone does not redeploy it, relative to its folder.',
  secrets: 'The names of the secrets it needs; nothing else reaches it.',
  env: 'Environment variables that are no secret.',
  health: 'Checks that must pass before a release counts as good.',
  'health[].http':
    'The http(s) URL to ask; its port may be the variable LAUNCH_PORT, as in a compose file. Of a worker also a path such as /health, asked at the address that it is deployed to.',
  'health[].tcp': 'host:port to connect to; the port may be the variable LAUNCH_PORT.',
  'health[].command':
    'A command that must end with status 0: a shell line, or a list of program and arguments.',
  'health[].container': "A compose service whose container's own health check must say healthy.",
  'health[].status':
    'The HTTP status that is right: a number, a range such as 200-299, a family such as 2xx, or a list.',
  'health[].body': 'A text that the body must hold, or a regular expression between slashes.',
  'health[].headers': 'Headers to send.',
  'health[].expect-headers': 'Headers that the answer must have.',
  'health[].timeout': 'How long it may take until the check passes.',
  'health[].interval': 'The pause between two tries.',
  'health[].successes': 'How many tries in a row must pass.',
  hooks: 'Scripts of the service that run around its deployment.',
  'hooks.build': 'Runs before anything is started.',
  'hooks.pre-deploy': 'Runs before the new release is started, for example a migration.',
  'hooks.post-deploy': 'Runs after the new release is healthy.',
  'on-delete': 'What happens when the folder is gone: it is reported, or the service is stopped.',
};

/** What can differ on one target is described as it is for all of them. */
const targetKeys = /^(strategy|drain|steady|route|url|health)\b/;

export const serviceFileDocs: Readonly<Record<string, string>> = {
  ...serviceKeys,
  ...Object.fromEntries(
    Object.entries(serviceKeys)
      .filter(([key]) => targetKeys.test(key))
      .map(([key, doc]) => [`targets.*.${key}`, doc]),
  ),
  'targets.*.env': "Environment variables on this target, added to the service's.",
  'targets.*.ports':
    'What compose services publish on this target, by their names; it takes the place of what the compose file says.',
  'targets.*.ports.*[].name': 'What the port is called.',
  'targets.*.ports.*[].target': 'The port in the container.',
  'targets.*.ports.*[].published': 'The port of the host.',
  'targets.*.ports.*[].host_ip': 'The address of the host that it is bound to.',
  'targets.*.ports.*[].protocol': 'tcp or udp.',
  'targets.*.ports.*[].app_protocol': 'What is spoken on it.',
  'targets.*.ports.*[].mode': 'host or ingress.',
};

export const instanceFileDocs: Readonly<Record<string, string>> = {
  $schema: 'The schema of this file, for editors.',
  instance_id:
    'What the instance is called; a part of the names of its workers. In instances/ the file is called like it.',
  org_id: 'The organisation that it belongs to.',
  name: 'What people call it. Default: the id.',
  environment:
    'The environment of the workers from which the copies are made, where they have one of that name.',
  api_keys:
    "Names of secrets, never their values: a list, or a map from a worker's name for a secret to the name under which it is handed over.",
  rate_limits: 'How much the organisation may use: for all, or by provider.',
  'rate_limits.rpm': 'Requests in any minute.',
  'rate_limits.tpm': 'Tokens in any minute.',
  'rate_limits.*.rpm': 'Requests in any minute.',
  'rate_limits.*.tpm': 'Tokens in any minute.',
  r2_bucket: "The bucket that its workers use. Default: the workers' own bucket's name, a hyphen and the id.",
  database:
    'The D1 database with the table of instances. Default: the one that the workers use, else multiagent_system.',
  workers: 'The services whose workers it has. Default: all services with a wrangler configuration.',
};
