import { describe, expect, it } from '@jest/globals';
import { findFolder, loadProject } from '../../../../src/core/project/project.ts';
import { joinPath, normalizePath } from '../../../../src/core/project/view.ts';
import { memoryView } from '../../../support/memory-view.ts';

describe('loadProject', () => {
  it('works without launch.yml', async () => {
    const project = await loadProject(memoryView({ 'services/a/deploy.sh': '' }), { root: '' });
    expect(project).toMatchObject({
      root: '',
      configPath: 'launch.yml',
      config: { services: 'services/*', targets: {} },
    });
    expect(project.folders.map((folder) => folder.name)).toEqual(['a']);
  });

  it('reads launch.yml in the project’s folder, or where it is said to be', async () => {
    const view = memoryView({
      'shop/launch.yml': 'services: [apps/*]',
      'shop/apps/a/deploy.sh': '',
      'deploy/launch.yml': 'services: other/*',
      'other/b/deploy.sh': '',
    });
    expect((await loadProject(view, { root: 'shop' })).folders.map((folder) => folder.path)).toEqual([
      'shop/apps/a',
    ]);
    const elsewhere = await loadProject(view, { root: '', configPath: 'deploy/launch.yml' });
    expect(elsewhere.folders.map((folder) => folder.path)).toEqual(['other/b']);
  });

  it('misses a launch.yml that was named', async () => {
    await expect(loadProject(memoryView({}), { root: '', configPath: 'deploy/launch.yml' })).rejects.toThrow(
      /There is no configuration file "deploy\/launch\.yml"/,
    );
  });

  it.each([
    ['not UTF-8', new Uint8Array([0x73, 0xff, 0xfe, 0x3a, 0x20, 0x31])],
    ['binary', new Uint8Array([0, 1, 2, 3])],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x61, 0x00, 0x3a, 0x00])],
  ])('refuses a launch.yml that is %s', async (_what, bytes) => {
    await expect(loadProject(memoryView({ 'launch.yml': bytes }), { root: '' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      place: { file: 'launch.yml' },
    });
  });

  it('reads one with a byte order mark and Windows line ends', async () => {
    const view = memoryView({ 'launch.yml': '\ufeffservices: apps/*\r\ndefaults: {target: lab}\r\n' });
    expect(await loadProject(view, { root: '' })).toMatchObject({
      config: { services: 'apps/*', defaults: { target: 'lab' } },
    });
  });
});

describe('findFolder', () => {
  it('suggests the nearest service', async () => {
    const project = await loadProject(memoryView({ 'services/postgres/deploy.sh': '' }), { root: '' });
    expect(findFolder(project, 'postgres').path).toBe('services/postgres');
    expect(() => findFolder(project, 'postgre')).toThrow(
      /There is no service "postgre".*Did you mean "postgres"\?/,
    );
    expect(() => findFolder(project, '../../etc')).toThrow(
      expect.objectContaining({ code: 'SERVICE_NOT_FOUND' }),
    );
  });

  it('blames launch.yml only where there is one', async () => {
    const services = { 'services/postgres/deploy.sh': '' };
    const without = await loadProject(memoryView(services), { root: '' });
    expect(() => findFolder(without, 'x')).not.toThrow('launch.yml');
    const file = { 'launch.yml': 'defaults: { target: default }\n' };
    const withFile = await loadProject(memoryView({ ...services, ...file }), { root: '' });
    expect(() => findFolder(withFile, 'x')).toThrow('(launch.yml)');
  });

  it('says what a service is where there is none', async () => {
    const project = await loadProject(memoryView({}), { root: '' });
    expect(() => findFolder(project, 'x')).toThrow(/has no services yet/);
  });
});

describe('paths', () => {
  it('are worked out, and never leave the repository', () => {
    expect(normalizePath('a/./b//../c/')).toBe('a/c');
    expect(normalizePath('..')).toBeUndefined();
    expect(normalizePath('a/../../b')).toBeUndefined();
    expect(normalizePath('')).toBe('');
    expect(joinPath('', 'a', '', 'b')).toBe('a/b');
  });
});
