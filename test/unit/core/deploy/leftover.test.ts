import { describe, expect, it } from '@jest/globals';
import { isLeftover, releaseOf } from '../../../../src/core/deploy/leftover.ts';

const state = '/var/lib/launch/octo/shop/homelab/web';
const made = '20261121T174656Z-a1ff2d0';
const labels = (name: string, from: string) => ({ [`com.docker.compose.project.${name}`]: from });

describe('releaseOf', () => {
  const of = (name: string, from: string) => releaseOf({ id: 'a', labels: labels(name, from) });

  it('is the release whose folder compose was called in', () => {
    const folder = `${state}/releases/${made}`;
    const files = `${folder}/snapshot/web/compose.yml,${folder}/additions.yml`;
    expect(of('config_files', files)).toBe(made);
    expect(of('working_dir', folder)).toBe(made);
    expect(of('working_dir', `/srv/releases/launch${folder}/web`)).toBe(made);
  });

  it('is none of what was started elsewhere', () => {
    expect(releaseOf({ id: 'a', labels: {} })).toBeUndefined();
    expect(of('working_dir', '/srv/web')).toBeUndefined();
    expect(of('working_dir', `${state}/releases/..`)).toBeUndefined();
    expect(of('working_dir', `${state}/${made}`)).toBeUndefined();
  });
});

describe('isLeftover', () => {
  const current = { containers: [{ id: 'served', name: 'web-1', service: 'web' }] };
  const left = { status: 'failed', leftBeside: true } as const;

  it('is what a release has left beside the ones that serve', () => {
    expect(isLeftover({ id: 'other', labels: {} }, left, current)).toBe(true);
    expect(isLeftover({ id: 'other', labels: {} }, left, undefined)).toBe(true);
  });

  it('is nothing of a release that was accepted, or is gone, nor what serves now', () => {
    expect(isLeftover({ id: 'other', labels: {} }, { status: 'deployed' }, current)).toBe(false);
    expect(isLeftover({ id: 'other', labels: {} }, undefined, current)).toBe(false);
    expect(isLeftover({ id: 'served', labels: {} }, left, current)).toBe(false);
  });

  it('is what was made for a release that was taken back, and never ran', () => {
    const late = { id: 'other', labels: {}, status: 'created' };
    expect(isLeftover(late, { status: 'rolled-back' }, current)).toBe(true);
    expect(isLeftover(late, { status: 'failed' }, undefined)).toBe(true);
    expect(isLeftover(late, { status: 'deployed' }, current)).toBe(false);
    expect(isLeftover(late, { status: 'prepared' }, current)).toBe(false);
    expect(isLeftover({ ...late, status: 'exited' }, { status: 'failed' }, current)).toBe(false);
    expect(isLeftover({ ...late, id: 'served' }, { status: 'failed' }, current)).toBe(false);
  });
});
