import { describe, expect, it } from '@jest/globals';
import { noComposeChanges, noPlan, type Preview } from '../../../../src/core/preview/preview.ts';
import { previewToJson } from '../../../../src/core/preview/preview-json.ts';

const aws = { name: 'aws', runsOn: ['self-hosted', 'aws'] };
const preview: Preview = {
  detection: undefined,
  plan: {
    entries: [
      {
        service: 'db',
        target: aws,
        source: 'defaults',
        driver: 'compose',
        url: undefined,
        wave: 1,
        reasons: [],
      },
      {
        service: 'web',
        target: aws,
        source: 'defaults',
        driver: 'compose',
        url: undefined,
        wave: 2,
        reasons: [],
      },
    ],
    disabled: [],
  },
  dependencies: [],
  removals: [{ service: 'old', target: aws, driver: 'compose', onDelete: 'stop' }],
  unreadable: [],
  compose: { ...noComposeChanges, changes: [] },
  report: undefined,
  runners: { kind: 'not-asked' },
  notes: [],
  fault: undefined,
};

describe('the preview as JSON', () => {
  it('has the waves, and what goes away from where', () => {
    const json = previewToJson(preview, false);
    expect(json.waves).toEqual([['db'], ['web']]);
    expect(json.removals).toEqual([
      { service: 'old', target: 'aws', driver: 'compose', 'on-delete': 'stop' },
    ]);
    expect(json).toMatchObject({ base: null, head: null, deleted: [] });
    expect(Object.keys(json.services)).toEqual(['db', 'web']);
  });

  it('has runners and changes only when they were asked for', () => {
    expect(previewToJson(preview, false)).not.toHaveProperty('runners');
    expect(previewToJson(preview, false)).not.toHaveProperty('changes');
    expect(previewToJson({ ...preview, runners: { kind: 'unknown', why: 'no token' } }, true)).toMatchObject({
      runners: null,
      changes: [],
    });
    const matches = new Map([['aws', { kind: 'online', runners: ['box'], busy: false } as const]]);
    expect(
      previewToJson({ ...preview, plan: noPlan, runners: { kind: 'seen', matches } }, false).runners,
    ).toEqual({
      aws: { kind: 'online', runners: ['box'], busy: false },
    });
  });
});
