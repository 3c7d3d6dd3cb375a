import { error, type RuleDoc, warning } from './rule-doc.ts';

/** The rules for Cloudflare Workers that are errors, the weightiest first. */
export const workerErrors: readonly RuleDoc[] = [
  error(
    'worker-config-syntax',
    'A wrangler configuration is not valid JSON or TOML',
    'Mend the syntax at that place.',
  ),
  error(
    'worker-name',
    'A worker has no name, or one that can not be',
    'A worker is part of an address: 1 to 63 lower-case letters, digits, underscores and hyphens, with `-<environment>` behind it where the environment has no `name` of its own.',
  ),
  error(
    'worker-name-taken',
    'Two workers are deployed under one name',
    'The later deployment would replace the other worker. Give one of them, or one of the environments, another `name`.',
  ),
  error(
    'worker-environment',
    'A worker is to be deployed without the environment that has its bindings',
    "Where only the environments of a wrangler configuration have bindings, the target's `environment` in launch.yml, or the input `env`, has to name one of them.",
  ),
  error(
    'worker-entry',
    'A worker has nothing to run',
    'Name its entry file under `main`, or its files under `assets`.',
  ),
  error(
    'worker-secret-variable',
    'A secret of a worker is one of its variables, too',
    'Cloudflare takes each name once, and variables can be read by everybody with access to the account or the repository. Remove it from `vars`, and from `env` of service.yml.',
  ),
  error(
    'worker-secret-undeclared',
    'A worker requires a secret that its service does not declare',
    'Only the names under `secrets` in service.yml reach the worker. Add it there.',
  ),
  error(
    'worker-placeholder',
    'An id in a wrangler configuration is none',
    'Leave the id out: Launch finds a database, bucket or namespace by its name when it deploys.',
  ),
  error(
    'worker-bindings-disagree',
    'Workers disagree about what they share',
    'One name means one database, one id one thing, in all workers and environments of an account. Leave the ids out, or write the same.',
  ),
  error(
    'worker-binding-twice',
    'Two bindings of a worker have one name',
    "A name is one thing in the worker's code. Rename one of them.",
  ),
  error(
    'worker-environment-bindings',
    'An environment of a worker lacks bindings',
    'Bindings and variables are not inherited: every environment needs its own. A warning where only single bindings differ between environments.',
  ),
  error(
    'worker-durable-object',
    'A Durable Object class has no migration, or two migrations one tag',
    'Cloudflare makes the storage of a class by a migration: `migrations: [{"tag": "v1", "new_sqlite_classes": ["<class>"]}]`. Tags are never used again.',
  ),
  error(
    'worker-service-unknown',
    'A worker is bound to one that this repository does not deploy',
    'Cloudflare refuses a worker whose binding leads nowhere. Correct the name: `<worker>-<environment>` for an environment. A warning where no worker here is called alike, since the account may have it from elsewhere.',
  ),
];

/** The rules for Cloudflare Workers that are warnings. */
export const workerWarnings: readonly RuleDoc[] = [
  warning(
    'worker-service-environment',
    'A worker is bound to another environment than its own',
    'Requests of one environment would change the data of another. Bind it to the worker of its own environment.',
  ),
  warning(
    'worker-commented-id',
    'An id stands in a comment',
    'Whoever finds two ids does not know which one counts. Remove it; the account knows the id by the name.',
  ),
  warning(
    'worker-two-configs',
    'A worker has two wrangler configurations',
    'Wrangler reads one of them and ignores the other without a word. Remove the one that is not read.',
  ),
];
