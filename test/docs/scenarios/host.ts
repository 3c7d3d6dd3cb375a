// A machine that is the target `homelab`: a checkout with the services `chat` and `website`, both containers that
// are not deployed yet. The engine is real; the projects are named anew for each document, and removed at the end.
import { randomBytes } from 'node:crypto';
import { alsoRemove, freePort, removeProjects } from '../../support/deploy-host.ts';
import type { Scenario } from '../../support/documents/execute.ts';
import { createRepository, type Files, temporaryFolder } from '../../support/repository.ts';

export const scenario: Scenario = {
  tools: ['docker', 'compose', 'flock'],
  async prepare() {
    const repository = createRepository();
    const services = [await newService('chat'), await newService('website')];
    repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
    repository.commit({ 'launch.yml': launchFile }, 'First, what is there');
    for (const { files } of services) repository.commit(files);
    return {
      cwd: repository.path,
      env: { XDG_STATE_HOME: temporaryFolder('launch-state-') },
      end: removeProjects,
    };
  },
};

const launchFile = `targets:
  homelab: { runs-on: [self-hosted, homelab], host: 127.0.0.1 }
defaults: { target: homelab }
`;

export interface NewService {
  readonly project: string;
  readonly port: number;
  readonly files: Files;
}

/** A web server in a container, with a check of its health. */
export async function newService(name: string): Promise<NewService> {
  const project = `lt-${randomBytes(4).toString('hex')}`;
  alsoRemove(project);
  const port = await freePort();
  const folder = `services/${name}`;
  const files = {
    [`${folder}/compose.yaml`]: `name: ${project}
services:
  web:
    image: launch-test/nginx:1
    restart: unless-stopped
    stop_grace_period: 1s
    ports: ["127.0.0.1:${port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro"]
`,
    [`${folder}/service.yml`]: `health:\n  - { http: "http://127.0.0.1:${port}/", timeout: 10s, interval: 100ms }\n`,
    [`${folder}/html/index.html`]: `<h1>${name}</h1>\n`,
    [`${folder}/README.md`]: `# ${name}\n\nA page.\n`,
  };
  return { project, port, files };
}
