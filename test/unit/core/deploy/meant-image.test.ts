import { describe, expect, it } from '@jest/globals';
import { areImagesMeant } from '../../../../src/core/deploy/meant-image.ts';

describe('areImagesMeant', () => {
  const inUse = [{ service: 'web', image: 'sha256:1', name: 'shop:latest' }];
  const recorded = (id: string) => ({ web: { name: 'shop:latest', id } });

  it('holds while the name stands for what runs, and not once it has moved on', () => {
    expect(areImagesMeant(inUse, undefined, new Map([['shop:latest', 'sha256:1']]))).toBe(true);
    expect(areImagesMeant(inUse, undefined, new Map([['shop:latest', 'sha256:2']]))).toBe(false);
  });

  it('does not take a name that is not on the host for one that has moved', () => {
    expect(areImagesMeant(inUse, undefined, new Map())).toBe(true);
  });

  it('goes by what a release recorded that comes back, wherever the name leads by now', () => {
    const moved = new Map([['shop:latest', 'sha256:2']]);
    expect(areImagesMeant(inUse, recorded('sha256:1'), moved)).toBe(true);
    expect(areImagesMeant(inUse, recorded('sha256:2'), moved)).toBe(false);
    expect(areImagesMeant(inUse, {}, moved)).toBe(false);
  });
});
