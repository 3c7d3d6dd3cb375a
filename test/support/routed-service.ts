// A service behind the edge proxy: a light web server that is ready some time
// after its start, and answers /cgi-bin/slow after half a second, /cgi-bin/slow?5 after five.

export interface RoutedOptions {
  readonly version: string;
  readonly bootSeconds?: number;
  readonly replicas?: number;
  /** Seconds after its start at which it ends with status 1. */
  readonly crashAfter?: number;
  /** More mounts, each after a comma. */
  readonly volumes?: string;
  /** Indented as keys of the service `web`. */
  readonly extra?: string;
  /** More services. */
  readonly others?: string;
}

export function routedCompose({
  version,
  bootSeconds = 0,
  replicas = 1,
  crashAfter,
  volumes = '',
  extra = '',
  others = '',
}: RoutedOptions) {
  // It listens at once and answers 404 until it is ready: a request that comes too early is told from a good one.
  const start = [
    'trap "exit 0" TERM',
    'trap "exit 1" USR1',
    ...(crashAfter === undefined ? [] : [`(sleep ${crashAfter} && kill -USR1 1) &`]),
    'mkdir -p /ready',
    'httpd -f -p 3000 -h /ready &',
    `sleep ${bootSeconds} &`,
    'wait $$!',
    'cp -r /www/. /ready/',
    'wait',
  ].join('\n');
  return `services:
  web:
    image: launch-test/nginx:1
    command: ["sh", "-c", ${JSON.stringify(start)}]
    scale: ${replicas}
    environment: { VERSION: "${version}" }
    volumes: ["./www:/www:ro"${volumes}]
${extra}${others}`;
}

/** The files beside the compose file. */
export function routedFiles(version: string) {
  return {
    'www/version': version,
    'www/index.html': version,
    'www/cgi-bin/slow': {
      executable: `#!/bin/sh\nsleep "\${QUERY_STRING:-0.5}"\nprintf 'Content-Type: text/plain\\r\\n\\r\\n%s\\n' "$VERSION"\n`,
    },
  };
}

export function routedSettings(host: string, strategy: string, more = ''): string {
  return `strategy: ${strategy}
route: { host: ${host}, port: 3000, service: web }
drain: 10s
health: [{ http: "http://127.0.0.1:3000/version", timeout: 10s, interval: 50ms }]
${more}`;
}
