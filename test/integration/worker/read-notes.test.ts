import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readNotes } from '../../../src/operations/worker/read-notes.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';

afterAll(removeRepositories);

const note = (
  service: string,
  target = 'edge',
  outputs: object = { status: 'deployed', 'version-id': 'v' },
) => JSON.stringify({ services: [service], target, attempt: 1, outputs });

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder('launch-notes-');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

describe('readNotes', () => {
  it('finds the notes of a target, as download-artifact lays them out', async () => {
    const notes = await readNotes(
      folderWith({
        'launch-worker-edge.api.1/launch-worker.json': note('api'),
        'launch-worker-edge.web.1/launch-worker.json': note('web', 'edge', {}),
        'launch-worker-edge.x.1/launch-worker.json': note('x', 'other'),
        'launch-worker-edge.api.1/other.txt': 'nothing',
      }),
      'edge',
    );
    expect([...notes.keys()].sort()).toEqual(['api', 'web']);
    expect(notes.get('api')).toMatchObject({ status: 'deployed', versionId: 'v' });
    expect(notes.get('web')).toMatchObject({ status: undefined, versionId: undefined });
  });

  it('puts the attempts of a run together', async () => {
    const second = JSON.parse(note('api', 'edge', { status: 'unchanged', 'version-id': 'v' }));
    const notes = await readNotes(
      folderWith({
        'launch-worker-edge.api.1/launch-worker.json': note('api'),
        'launch-worker-edge.api.2/launch-worker.json': JSON.stringify({ ...second, attempt: 2 }),
      }),
      'edge',
    );
    expect(notes.get('api')).toMatchObject({ attempt: 2, status: 'deployed' });
  });

  it('takes a folder that is not there for no notes: nothing was downloaded', async () => {
    expect(await readNotes(join(folderWith({}), 'none'), 'edge')).toEqual(new Map());
  });

  it.each([
    ['half a note', '{"service": "api", "tar'],
    ['a note that is none', '{}'],
    ['a file without end', `${' '.repeat(300_000)}${note('api')}`],
  ])('does not overlook %s', async (_what, text) => {
    await expect(readNotes(folderWith({ 'a/launch-worker.json': text }), 'edge')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('a/launch-worker.json'),
    });
  });
});
