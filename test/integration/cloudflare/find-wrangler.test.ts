import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { findWrangler, pinnedWrangler } from '../../../src/adapters/cloudflare/find-wrangler.ts';
import {
  createRepository,
  type Files,
  removeRepositories,
  temporaryFolder,
} from '../../support/repository.ts';

afterAll(removeRepositories);

/** wrangler of a version, as npm lays it out. */
function wranglerFiles(modules: string, version: string): Files {
  return {
    [`${modules}/wrangler/package.json`]: JSON.stringify({ version, bin: { wrangler: './bin/wrangler.js' } }),
    [`${modules}/wrangler/bin/wrangler.js`]: '',
  };
}

function folderWith(files: Files): string {
  const repository = createRepository();
  repository.write({ 'services/api/wrangler.jsonc': '{}', ...files });
  return repository.path;
}

/** A program `npm` that does this. */
function npm(script: string) {
  const path = folderWith({ 'bin/npm': { executable: `#!/bin/sh\n${script}\n` } });
  return `${path}/bin:/usr/bin:/bin`;
}

describe('the wrangler that is run', () => {
  it('is that of the project, wherever above the worker it is', async () => {
    const top = folderWith({
      ...wranglerFiles('node_modules', '4.80.0'),
      ...wranglerFiles('services/web/node_modules', '4.74.0'),
    });
    expect(await findWrangler({ folder: join(top, 'services/api'), hostEnv: {} })).toEqual({
      program: join(top, 'node_modules/wrangler/bin/wrangler.js'),
      version: '4.80.0',
      from: 'project',
    });
    const own = await findWrangler({ folder: join(top, 'services/web'), hostEnv: {} });
    expect(own.version).toBe('4.74.0');
  });

  it.each(['3.114.0', '4.73.9', 'nonsense'])('is refused when it is too old: %s', async (version) => {
    const top = folderWith(wranglerFiles('node_modules', version));
    await expect(findWrangler({ folder: top, hostEnv: {} })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/can't upload secrets together with the code.*4\.74\.0 or later/),
    });
  });

  it('is the pinned one where there is none, which npm brings once', async () => {
    const cache = temporaryFolder();
    const log = join(cache, 'npm.log');
    const install = `
      echo "$@" >> ${log}
      while [ "$1" != --prefix ]; do shift; done
      mkdir -p "$2/node_modules/wrangler/wrangler-dist"
      echo '{"version":"${pinnedWrangler}","bin":{"wrangler":"x.js"}}' > "$2/node_modules/wrangler/package.json"
      : > "$2/node_modules/wrangler/wrangler-dist/cli.js"`;
    const hostEnv = { PATH: npm(install), RUNNER_TOOL_CACHE: cache };
    const folder = folderWith({});
    const found = await Promise.all([findWrangler({ folder, hostEnv }), findWrangler({ folder, hostEnv })]);
    const place = join(cache, 'launch-wrangler', pinnedWrangler);
    expect(found[0]).toEqual({
      program: join(place, 'node_modules/wrangler/wrangler-dist/cli.js'),
      version: pinnedWrangler,
      from: 'pinned',
    });
    expect(found[1]).toEqual(found[0]);
    expect(await findWrangler({ folder, hostEnv: { RUNNER_TOOL_CACHE: cache } })).toEqual(found[0]);
    // Nothing half done is left beside it.
    expect(readdirSync(join(cache, 'launch-wrangler'))).toEqual([pinnedWrangler]);
  });

  it('says why it could not be had', async () => {
    const folder = folderWith({});
    const find = async (PATH: string) =>
      await findWrangler({ folder, hostEnv: { PATH, RUNNER_TOOL_CACHE: temporaryFolder() } });
    await expect(find('/nonexistent')).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/npm: the program was not found.*devDependencies/),
    });
    await expect(find(npm('echo "npm error network" >&2; exit 1'))).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/npm: exit status 1: network/),
    });
    await expect(find(npm('exit 0'))).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });
});
