import { describe, expect, it } from '@jest/globals';
import { isLeftover, releaseOf } from '../../../../src/core/deploy/leftover.ts';

const state = '/var/lib/launch/octo/shop/homelab/web';
const made = '20261121T174656Z-a1ff2d0';
const labels = (name: string, from: string) => ({ [`com.docker.compose.project.${name}`]: from });

describe('releaseOf', () => {
  it('is the release whose folder compose was called in', () => {
    const folder = `${state}/releases/${made}`;
    const files = labels('config_files', `${folder}/snapshot/web/compose.yml,${folder}/additions.yml`);
    expect(releaseOf({ id: 'a', labels: files }, state)).toBe(made);
    expect(releaseOf({ id: 'a', labels: labels('working_dir', folder) }, state)).toBe(made);
  });

  it('is none of what was started elsewhere', () => {
    expect(releaseOf({ id: 'a', labels: {} }, state)).toBeUndefined();
    expect(releaseOf({ id: 'a', labels: labels('working_dir', '/srv/web') }, state)).toBeUndefined();
    expect(
      releaseOf({ id: 'a', labels: labels('working_dir', `${state}/releases/..`) }, state),
    ).toBeUndefined();
    expect(
      releaseOf({ id: 'a', labels: labels('working_dir', `${state}2/releases/${made}`) }, state),
    ).toBeUndefined();
  });
});

describe('isLeftover', () => {
  const current = { containers: [{ id: 'served', name: 'web-1', service: 'web' }] };
  const left = { leftBeside: true };

  it('is what a release has left beside the ones that serve', () => {
    expect(isLeftover({ id: 'other', labels: {} }, left, current)).toBe(true);
    expect(isLeftover({ id: 'other', labels: {} }, left, undefined)).toBe(true);
  });

  it('is nothing of a release that was accepted, or is gone, nor what serves now', () => {
    expect(isLeftover({ id: 'other', labels: {} }, {}, current)).toBe(false);
    expect(isLeftover({ id: 'other', labels: {} }, undefined, current)).toBe(false);
    expect(isLeftover({ id: 'served', labels: {} }, left, current)).toBe(false);
  });
});
