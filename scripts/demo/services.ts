/** The services of the demonstration: once as containers, once as plain scripts for a machine without Docker. */
export interface DemoServices {
  readonly kind: 'containers' | 'scripts';
  /** Every file of the first commit. */
  readonly files: Readonly<Record<string, string>>;
  /** The file with the page of `web`, and its content. */
  page(text: string): Readonly<Record<string, string>>;
  /** A change to `web` that can never become healthy. */
  readonly broken: Readonly<Record<string, string>>;
}

export interface DemoPorts {
  readonly web: number;
  readonly api: number;
}

const html = (text: string) => `<!doctype html><title>demo</title><h1>${text}</h1>\n`;
const readme = (name: string) => `# ${name}\n\nA service of the Launch demonstration.\n`;
const manifest = (port: number) => `target: demo
url: http://127.0.0.1:${port}/
health:
  - { http: "http://127.0.0.1:${port}/", status: 200, timeout: 20s }
`;
const config = `targets:
  demo: { runs-on: [self-hosted, demo], host: 127.0.0.1 }
`;

/** Two web servers in containers; the page is a tracked folder that is mounted. */
export function containerServices(ports: DemoPorts, image: string): DemoServices {
  const compose = (port: number, extra = '') => `services:
  app:
    image: ${image}
    restart: unless-stopped
    ports: ["127.0.0.1:${port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro"]
${extra}`;
  const service = (name: 'web' | 'api') => ({
    [`services/launch-demo-${name}/README.md`]: readme(name),
    [`services/launch-demo-${name}/service.yml`]: manifest(ports[name]),
    [`services/launch-demo-${name}/compose.yaml`]: compose(ports[name]),
    [`services/launch-demo-${name}/html/index.html`]: html(`${name}, first release`),
  });
  return {
    kind: 'containers',
    files: { 'launch.yml': config, ...service('web'), ...service('api') },
    page: (text) => ({ 'services/launch-demo-web/html/index.html': html(text) }),
    broken: {
      'services/launch-demo-web/compose.yaml': compose(
        ports.web,
        '    entrypoint: ["/bin/sh", "-c", "echo the settings file is missing; exit 3"]\n',
      ),
    },
  };
}

/** Two web servers as plain processes, each stopped and started by its deploy.sh. */
export function scriptServices(ports: DemoPorts, node: string, pidFolder: string): DemoServices {
  const server = (port: number) => `import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const page = readFileSync(new URL('./page.html', import.meta.url));
createServer((_, response) => response.end(page)).listen(${port}, '127.0.0.1');
`;
  const deploy = (name: string) => `#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")"
pid_file='${pidFolder}/${name}.pid'
if [[ -f $pid_file ]]; then
  kill "$(cat "$pid_file")" 2>/dev/null || true
  for _ in {1..50}; do kill -0 "$(cat "$pid_file")" 2>/dev/null || break; sleep 0.1; done
fi
setsid '${node}' server.mjs >'${pidFolder}/${name}.log' 2>&1 </dev/null &
echo "$!" >"$pid_file"
`;
  const service = (name: 'web' | 'api') => ({
    [`services/launch-demo-${name}/README.md`]: readme(name),
    [`services/launch-demo-${name}/service.yml`]: manifest(ports[name]),
    [`services/launch-demo-${name}/deploy.sh`]: deploy(name),
    [`services/launch-demo-${name}/server.mjs`]: server(ports[name]),
    [`services/launch-demo-${name}/page.html`]: html(`${name}, first release`),
  });
  return {
    kind: 'scripts',
    files: { 'launch.yml': config, ...service('web'), ...service('api') },
    page: (text) => ({ 'services/launch-demo-web/page.html': html(text) }),
    broken: {
      'services/launch-demo-web/server.mjs': `console.error('the settings file is missing');\nprocess.exit(3);\n`,
    },
  };
}
