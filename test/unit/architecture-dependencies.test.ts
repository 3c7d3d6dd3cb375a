import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { ROOT, sourceFiles } from '../support/source-tree.ts';

const versions = z._default(z.record(z.string(), z.string()), {});

const manifest = z.parse(
  z.object({ dependencies: versions, devDependencies: versions, overrides: versions }),
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')),
);

const lock = z.parse(
  z.object({
    lockfileVersion: z.number(),
    packages: z.record(
      z.string(),
      z.object({
        version: z.optional(z.string()),
        resolved: z.optional(z.string()),
        integrity: z.optional(z.string()),
        hasInstallScript: z.optional(z.boolean()),
        link: z.optional(z.boolean()),
        optional: z.optional(z.boolean()),
      }),
    ),
  }),
  JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')),
);

const installed = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('the dependencies', () => {
  it('are pinned exactly', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.overrides };
    expect(Object.keys(all).length).toBeGreaterThan(10);
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual(
      [],
    );
  });

  it('are locked at the versions that package.json asks for', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
    }
  });

  it('are installed without running their scripts', () => {
    expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
    // Each works without its script; a new one has to be tried and entered here.
    expect(
      installed
        .filter(([, { hasInstallScript }]) => hasInstallScript === true)
        .map(([path]) => path.replace(/^.*node_modules\//, ''))
        .sort(),
    ).toEqual(scriptsThatMayBeSkipped);
  });

  it('come from the public registry, with a checksum', () => {
    expect(
      installed
        .filter(
          ([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'),
        )
        .map(([path, { resolved }]) => `${path} ${resolved}`),
    ).toEqual([]);
    // npm notes no checksum for the builds of a package for other platforms than the one it ran on.
    expect(
      installed
        .filter(([, { integrity, optional }]) => optional !== true && !/^sha512-/.test(integrity ?? ''))
        .map(([path]) => path),
    ).toEqual([]);
  });

  it('are used', () => {
    const files = [
      ...sourceFiles('src'),
      ...sourceFiles('scripts'),
      ...sourceFiles('test'),
      ...sourceFiles('bench'),
    ];
    const imported = new Set(files.flatMap((file) => file.imports.map(({ from }) => packageOf(from))));
    const inSrc = new Set(
      sourceFiles('src').flatMap((file) => file.imports.map(({ from }) => packageOf(from))),
    );
    expect(Object.keys(manifest.dependencies).filter((name) => !inSrc.has(name))).toEqual([]);
    // Run as programs, or by name in a configuration file.
    const otherwise = [
      '@biomejs/biome',
      '@cloudflare/workers-types',
      '@swc/jest',
      '@types/node',
      '@types/picomatch',
      'jest',
      'typescript',
    ];
    expect(
      Object.keys(manifest.devDependencies).filter(
        (name) => !imported.has(name) && !otherwise.includes(name),
      ),
    ).toEqual([]);
  });

  it('of what ships are no development dependencies', () => {
    const allowed = new Set(Object.keys(manifest.dependencies));
    expect(
      sourceFiles('src').flatMap((file) =>
        file.imports
          .filter(({ isFile, from, kind }) => !isFile && kind !== 'type' && !from.startsWith('node:'))
          .filter(({ from }) => !allowed.has(packageOf(from)))
          .map(({ from }) => `${file.path}: ${from}`),
      ),
    ).toEqual([]);
  });
});

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

const scriptsThatMayBeSkipped = ['@parcel/watcher', '@swc/core', 'esbuild', 'workerd'];
