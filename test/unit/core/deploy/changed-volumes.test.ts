import { expect, it } from '@jest/globals';
import { changedVolumes, type FoundVolume } from '../../../../src/core/deploy/changed-volumes.ts';
import { parseComposeModel } from '../../../../src/core/deploy/compose-model.ts';

const volume = (name: string, more: Partial<FoundVolume> = {}): FoundVolume => ({
  ...{ name, driver: 'local', options: {} },
  labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.volume': 'x' },
  ...more,
});
const changed = (volumes: unknown, ...found: FoundVolume[]) =>
  changedVolumes(parseComposeModel(JSON.stringify({ name: 'shop', services: {}, volumes }), 'c.yml'), found);

it('finds nothing in what is as the file says', () => {
  expect(changed({ data: null, log: { name: 'shop_log' } }, volume('shop_data'), volume('shop_log'))).toEqual(
    [],
  );
  const nfs = {
    name: 'shop_data',
    driver: 'local',
    driver_opts: { type: 'nfs', mode: 1 },
    labels: { a: 'b' },
  };
  expect(
    changed({ data: nfs }, volume('shop_data', { options: { type: 'nfs', mode: '1' }, labels: { a: 'b' } })),
  ).toEqual([]);
});

it('names what differs, and no value', () => {
  const data = { name: 'shop_data', driver: 'rexray', driver_opts: { o: 'password=x' }, labels: { a: '1' } };
  const is = volume('shop_data', { options: { type: 'nfs' }, labels: { a: '2', b: '3' } });
  expect(changed({ data }, is)).toEqual([
    { name: 'shop_data', what: ['driver', 'driver_opts.o', 'driver_opts.type', 'label a', 'label b'] },
  ]);
});

it('leaves alone what is not of the file, or of somebody else', () => {
  const other = { driver: 'rexray' };
  expect(changed({}, volume('shop_old', other))).toEqual([]);
  expect(changed({ data: { name: 'shop_data', external: true } }, volume('shop_data', other))).toEqual([]);
});
