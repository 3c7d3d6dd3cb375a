import { afterAll, describe, expect, it } from '@jest/globals';
import { workingTreeView } from '../../src/adapters/files/working-tree.ts';
import { discoverServices } from '../../src/core/project/discover.ts';
import { createRepository, removeRepositories } from '../support/repository.ts';

afterAll(removeRepositories);

describe('the working tree', () => {
  it('knows a submodule that is not checked out, as the commit does', async () => {
    const library = createRepository();
    library.commit({ 'deploy.sh': { executable: '#!/bin/sh\n' } });
    const repository = createRepository();
    repository.commit({ 'services/a/deploy.sh': { executable: '#!/bin/sh\n' } });
    repository.git('submodule', '--quiet', 'add', library.url, 'services/s');
    repository.commit();
    const clone = repository.clone({ depth: 1 });
    const folders = await discoverServices(workingTreeView(clone.path), '', ['services/*']);
    expect(folders.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['a folder', 's submodule']);
  });
});
