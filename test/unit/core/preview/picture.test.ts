import { describe, expect, it } from '@jest/globals';
import { picture } from '../../../../src/core/preview/picture.ts';
import { hostileTexts, manyEntries, planEntry, previewOf } from '../../../support/previews.ts';

const dependencies = [
  { name: 'db', dependsOn: [], file: '' },
  { name: 'queue', dependsOn: ['db'], file: '' },
  { name: 'web', dependsOn: ['queue', 'db'], file: '' },
];

describe('picture', () => {
  it('has a box for each service, its targets, the waves and what depends on what', () => {
    const entries = [
      planEntry('db'),
      planEntry('web', 'homelab', { wave: 2 }),
      planEntry('web', 'aws', { wave: 2 }),
    ];
    expect(picture(previewOf(entries, { dependencies }))?.markdown.split('\n')).toEqual([
      '```mermaid',
      'flowchart LR',
      '  subgraph w1["Wave 1"]',
      '    s0["db<br/>homelab"]',
      '  end',
      '  subgraph w2["Wave 2"]',
      '    s1["web<br/>homelab, aws"]',
      '  end',
      '  s0 --> s1',
      '```',
    ]);
  });

  it('is not there where there is no order to show', () => {
    expect(picture(previewOf([planEntry('db'), planEntry('web')]))).toBeUndefined();
    expect(picture(previewOf([]))).toBeUndefined();
  });

  it('counts where there is too much to draw', () => {
    const drawn = picture(previewOf(manyEntries(600)));
    expect(drawn?.isWhole).toBe(false);
    expect(drawn?.markdown).toContain('w5["Wave 5<br/>120 services<br/>40 targets"]');
    expect(drawn?.markdown).toContain('w4 --> w5');
    expect(drawn?.markdown).not.toContain('service-');
  });

  it.each(hostileTexts)('takes %j for nothing but a name', (name) => {
    const drawn = picture(
      previewOf([planEntry(name, name), planEntry('web', name, { wave: 2 })], {
        dependencies: [
          { name, dependsOn: [], file: '' },
          { name: 'web', dependsOn: [name], file: '' },
        ],
      }),
    );
    const lines = drawn?.markdown.split('\n') ?? [];
    expect(lines).toHaveLength(10);
    const label = /[A-Za-z0-9 ,._#;-]*/.source;
    expect(lines[3]).toMatch(new RegExp(`^ {4}s0\\["${label}<br/>${label}"\\]$`));
    expect(lines[6]).toMatch(new RegExp(`^ {4}s1\\["web<br/>${label}"\\]$`));
    expect(lines[8]).toBe('  s0 --> s1');
  });
});
