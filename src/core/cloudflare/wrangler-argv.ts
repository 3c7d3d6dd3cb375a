/** Which worker wrangler is to act on, and how; no secret among it, because arguments are seen by the whole machine. */
export interface WranglerTask {
  /** Absolute. */
  readonly configPath: string;
  /** Undefined: the top of the configuration. */
  readonly environment: string | undefined;
}

export interface WranglerUpload extends WranglerTask {
  readonly vars: ReadonlyMap<string, string>;
  readonly tag: string | undefined;
  readonly message: string;
  /** JSON with the secrets; undefined where there are none. */
  readonly secretsFile: string | undefined;
}

/** Uploads a version that gets no traffic yet. The worker has to be there already. */
export function uploadArgv(upload: WranglerUpload): string[] {
  return ['versions', 'upload', ...taskArgs(upload), ...contentArgs(upload)];
}

/** Uploads a version and gives it all traffic; also what only this can do: a new worker, Durable Object migrations. */
export function deployArgv(upload: WranglerUpload): string[] {
  return ['deploy', ...taskArgs(upload), ...contentArgs(upload)];
}

/** Routes, domains, schedules, queues and addresses, as the configuration has them. */
export function triggersArgv(task: WranglerTask): string[] {
  return ['triggers', 'deploy', ...taskArgs(task)];
}

/** Bundles, and uploads nothing. */
export function rehearsalArgv(task: WranglerTask, folder: string): string[] {
  return ['deploy', ...taskArgs(task), '--dry-run', '--outdir', folder];
}

function taskArgs({ configPath, environment }: WranglerTask): string[] {
  return [
    '--config',
    configPath,
    // Said also when it is the top: a variable could name another.
    `--env=${environment ?? ''}`,
    // In place of the .env files of the folder, by which the token could be led to another server.
    '--env-file=/dev/null',
    // A binding to something that is not there is a mistake, and no wish to have it made.
    '--no-x-provision',
  ];
}

function contentArgs({ vars, tag, message, secretsFile }: WranglerUpload): string[] {
  return [
    ...Array.from(vars, ([name, value]) => ['--var', `${name}:${value}`]).flat(),
    ...(tag === undefined ? [] : [`--tag=${tag}`]),
    `--message=${message}`,
    ...(secretsFile === undefined ? [] : [`--secrets-file=${secretsFile}`]),
  ];
}
