import { describe, expect, it } from '@jest/globals';
import { yamlValue } from '../../../../src/core/config/yaml-value.ts';

describe('yamlValue', () => {
  it('parses a text once', () => {
    const text = 'enabled: true\nports: [8080]\n';
    expect(yamlValue(text)).toEqual({ enabled: true, ports: [8080] });
    expect(yamlValue(text)).toBe(yamlValue(text));
  });

  it('keeps apart what is written differently', () => {
    expect([yamlValue('a: 1'), yamlValue('a: 2'), yamlValue('')]).toEqual([{ a: 1 }, { a: 2 }, null]);
  });

  it('refuses broken YAML each time it is asked for', () => {
    for (const _time of [1, 2]) expect(() => yamlValue('a: [')).toThrow(/Flow sequence/);
  });

  it('holds on to no more texts than a large repository has', () => {
    const first = yamlValue('number: -1');
    for (let number = 0; number < 2500; number += 1) yamlValue(`number: ${number}`);
    expect(yamlValue('number: -1')).not.toBe(first);
    expect(yamlValue('number: -1')).toEqual(first);
  });
});
