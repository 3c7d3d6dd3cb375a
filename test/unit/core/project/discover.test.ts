import { describe, expect, it } from '@jest/globals';
import { discoverServices } from '../../../../src/core/project/discover.ts';
import { type MemoryFile, memoryView } from '../../../support/memory-view.ts';

async function discover(files: Readonly<Record<string, MemoryFile>>, globs = ['services/*'], root = '') {
  return await discoverServices(memoryView(files), root, globs);
}

async function names(files: Readonly<Record<string, MemoryFile>>, globs?: string[], root?: string) {
  return (await discover(files, globs, root)).map((folder) => `${folder.name} ${folder.path}`);
}

describe('discoverServices', () => {
  it('takes a folder for a service when it holds what a service has', async () => {
    const files = {
      'services/a/service.yml': '',
      'services/b/compose.yaml': '',
      'services/c/docker-compose.yml': '',
      'services/d/wrangler.jsonc': '',
      'services/e/wrangler.toml': '',
      'services/f/deploy.sh': '',
      'services/notes/README.md': '',
      'services/nested/inner/deploy.sh': '',
      'services/target-only/target.txt': 'x',
      'services/folder/deploy.sh/x': '',
      'services/README.md': '',
      'other/a/deploy.sh': '',
    };
    expect((await discover(files)).map((folder) => folder.name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(await names({})).toEqual([]);
  });

  it('says what shape a service has', async () => {
    const [folder] = await discover({
      'services/a/compose.yml': '',
      'services/a/compose.yaml': '',
      'services/a/deploy.sh': '',
      'services/a/health-check.sh': '',
      'services/a/target.txt': '',
    });
    expect(folder).toMatchObject({
      kind: 'folder',
      path: 'services/a',
      contentPath: 'services/a',
      id: 'id of services/a',
      shape: {
        manifest: undefined,
        compose: 'compose.yaml',
        wrangler: undefined,
        deployScript: true,
        healthScript: true,
        targetFile: true,
      },
    });
  });

  it('follows nested globs, braces and several of them, and sorts by name', async () => {
    const files = {
      'apps/web/front/deploy.sh': '',
      'apps/web/back/deploy.sh': '',
      'apps/tools/lint/deploy.sh': '',
      'infra/db/deploy.sh': '',
    };
    expect(await names(files, ['apps/*/*', 'infra/*'])).toEqual([
      'back apps/web/back',
      'db infra/db',
      'front apps/web/front',
      'lint apps/tools/lint',
    ]);
    expect(await names(files, ['apps/{web,tools}/l*'])).toEqual(['lint apps/tools/lint']);
    expect(await names(files, ['infra/db'])).toEqual(['db infra/db']);
    expect(await names(files, ['apps/*/*', 'apps/web/*'])).toHaveLength(3);
  });

  it('with ** takes the outermost folder that is a service', async () => {
    const files = {
      'x/outer/deploy.sh': '',
      'x/outer/inner/deploy.sh': '',
      'x/y/z/deep/compose.yml': '',
      'x/y/near/compose.yml': '',
    };
    expect(await names(files, ['x/**'])).toEqual(['deep x/y/z/deep', 'near x/y/near', 'outer x/outer']);
    expect(await names(files, ['**/near'])).toEqual(['near x/y/near']);
    expect(await names(files, ['x/**/deep'])).toEqual(['deep x/y/z/deep']);
    expect(await names(files, ['x/**/outer'])).toEqual(['outer x/outer']);
  });

  it('looks below the folder of launch.yml', async () => {
    const files = { 'shop/services/a/deploy.sh': '', 'services/b/deploy.sh': '' };
    expect(await names(files, ['services/*'], 'shop')).toEqual(['a shop/services/a']);
    expect(await names(files, ['./services/*/'], 'shop')).toEqual(['a shop/services/a']);
    expect(await names(files, ['../services/*'], 'shop')).toEqual(['b services/b']);
  });

  it('refuses globs that leave the repository', async () => {
    await expect(discover({}, ['../*'])).rejects.toThrow(/leaves the repository/);
    await expect(discover({}, ['../../*'], 'shop')).rejects.toThrow(/leaves the repository/);
  });

  it.each([
    'Web',
    'my_app',
    'a.b',
    '-x',
    'ünïcode',
    'a b',
    'a\nb',
    'a;rm',
    '$(id)',
    'x'.repeat(64),
    '\udc80',
  ])('refuses the service folder %j, and never skips it', async (name) => {
    await expect(discover({ [`services/${name}/deploy.sh`]: '' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.not.stringMatching(/\n/),
    });
  });

  it('does not mind the name of a folder that is no service', async () => {
    expect(await names({ 'services/My Notes/x.md': '', 'services/a/deploy.sh': '' })).toEqual([
      'a services/a',
    ]);
  });

  it('refuses two services of one name', async () => {
    const files = { 'a/web/deploy.sh': '', 'b/web/deploy.sh': '' };
    await expect(discover(files, ['a/*', 'b/*'])).rejects.toThrow(
      /Two services are called "web": a\/web and b\/web/,
    );
  });

  it('follows a symlink inside the repository, and knows it by both ids', async () => {
    const [folder] = await discover({ 'services/web': { symlink: '../apps/web' }, 'apps/web/deploy.sh': '' });
    expect(folder).toMatchObject({
      name: 'web',
      kind: 'symlink',
      path: 'services/web',
      contentPath: 'apps/web',
      id: 'id of services/web:id of apps/web',
    });
  });

  it.each([
    { 'services/web': { symlink: '../current' }, current: { symlink: 'apps/web' } },
    { 'services/web': { symlink: '../link/web' }, link: { symlink: 'apps' } },
  ])('follows one link after the other', async (links) => {
    const [folder] = await discover({ ...links, 'apps/web/deploy.sh': '' });
    expect(folder).toMatchObject({
      name: 'web',
      path: 'services/web',
      contentPath: 'apps/web',
      id: 'id of services/web:id of apps/web',
    });
  });

  it('takes a submodule with a name that no service can have for something else', async () => {
    expect(await names({ 'services/Vendor.Lib': { submodule: 'abc' }, 'services/a/deploy.sh': '' })).toEqual([
      'a services/a',
    ]);
  });

  it('leaves a symlink alone that leads to no service', async () => {
    expect(
      await names({
        'services/gone': { symlink: '../apps/gone' },
        'services/file': { symlink: '../README.md' },
        'services/loop': { symlink: 'loop' },
        'README.md': '',
      }),
    ).toEqual([]);
  });

  it.each(['/etc', '../../etc', '../../../../x', '..//../..'])('refuses a symlink to %s', async (symlink) => {
    await expect(discover({ 'services/evil': { symlink } })).rejects.toThrow(/symlink out of the repository/);
  });

  it('takes a submodule at its word', async () => {
    expect(await discover({ 'services/sub': { submodule: 'abc' } })).toMatchObject([
      { name: 'sub', kind: 'submodule', id: 'id of services/sub' },
    ]);
  });
});
