// The last job of each workflow that changes something tells people of all the others.
import { describe, expect, it } from '@jest/globals';
import { parseDetails } from '../../src/core/notify/details.ts';
import { readWorkflow as read, workflowFiles } from '../support/workflow-files.ts';

const expression = (text: string) => `$${`{{ ${text} }}`}`;
const telling = workflowFiles.filter((file) => read(file).jobs['notify'] !== undefined);

it('every workflow that deploys, takes back or deletes has such a job', () => {
  expect(telling).toEqual([
    '.github/workflows/deploy-instance.yml',
    '.github/workflows/deploy.yml',
    '.github/workflows/provision-gpu.yml',
    '.github/workflows/rollback.yml',
    'workflows/launch-deploy-instance-standalone.yml',
    'workflows/launch-deploy-standalone.yml',
    'workflows/launch-provision-gpu-standalone.yml',
    'workflows/launch-reap-gpu.yml',
    'workflows/launch-rollback-standalone.yml',
  ]);
});

describe.each(telling)('in %s', (file) => {
  const { notify, ...others } = read(file).jobs;
  const step = notify?.steps?.[0];
  const condition = notify?.if?.replaceAll(/\s+/g, ' ') ?? '';

  it('it waits for all the others, whatever becomes of them, and says what did', () => {
    expect([notify?.needs ?? []].flat().sort()).toEqual(Object.keys(others).sort());
    expect(condition).toMatch(/^\$\{\{ always\(\) && /);
    // As GitHub fills it in.
    const details = String(step?.with?.['details'])
      .replaceAll(/\$\{\{\s*toJSON\(needs\.[\w-]+\.result\)\s*\}\}/g, '"success"')
      .replaceAll(/\$\{\{\s*toJSON\([^}]*\)\s*\}\}/g, 'null');
    const { needs } = parseDetails(details);
    expect(Object.keys(needs).sort()).toEqual(Object.keys(others).sort());
  });

  it('it has the gates of a deployment, and is started only for who wants to know', () => {
    expect(condition).toContain('&& !github.event.repository.fork');
    if (!file.endsWith('reap-gpu.yml')) {
      expect(condition).toContain(
        `contains(fromJSON('["push", "workflow_dispatch", "schedule"]'), github.event_name)`,
      );
    }
    const asked = /needs\.([\w-]+)\.outputs\.notify != 'false'/.exec(condition)?.[1] ?? '';
    expect(others[asked]).toMatchObject({ outputs: { notify: expression("secrets.LAUNCH_NOTIFY != ''") } });
    expect(condition).toContain(
      "contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')",
    );
  });

  it('it may read what became of the run, sees no other secret, and fails nothing', () => {
    expect(notify).toMatchObject({
      'runs-on': 'ubuntu-latest',
      'continue-on-error': true,
      permissions: { actions: 'read', checks: 'read' },
    });
    expect(notify?.steps).toHaveLength(1);
    expect(step?.with).toMatchObject({ channels: expression('secrets.LAUNCH_NOTIFY') });
    expect(JSON.stringify(notify).replaceAll('secrets.LAUNCH_NOTIFY', '')).not.toContain('secrets.');
  });
});
