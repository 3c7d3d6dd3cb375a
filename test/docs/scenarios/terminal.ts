// The machine of host.ts, after `website` was deployed.
import type { Scenario } from '../../support/documents/execute.ts';
import { launch } from '../../support/launch-command.ts';
import { scenario as host } from './host.ts';

export const scenario: Scenario = {
  ...host,
  async prepare(document) {
    const sandbox = await host.prepare(document);
    const { exitCode, stderr } = await launch(['deploy', 'website'], {
      cwd: sandbox.cwd,
      env: sandbox.env ?? {},
    });
    if (exitCode !== 0) throw new Error(stderr);
    return sandbox;
  },
};
