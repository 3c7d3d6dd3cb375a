import { describe, expect, it } from '@jest/globals';
import {
  type VerifyResult,
  verifyFailure,
  verifySummary,
} from '../../../../src/core/cloudflare/verify-result.ts';

const note = {
  service: 'api',
  target: 'edge',
  attempt: 1,
  status: 'deployed',
  url: 'https://api.example.org',
  versionId: '22222222-aaaa',
  previousVersionId: '11111111-aaaa',
} as const;

const result = (part: Partial<VerifyResult> = {}): VerifyResult => ({
  target: 'edge',
  members: [{ service: 'api', note, standing: 'serving' }],
  urls: { api: 'https://api.example.org' },
  tested: true,
  failure: undefined,
  takenBack: [],
  left: [],
  ...part,
});
const failure = { reason: 'npm run test:e2e: exit status 1', lines: ['✕ answers <b>'] };
const takenBack = [{ service: 'api', from: '22222222-aaaa', to: '11111111-aaaa' }];

describe('what becomes of a set', () => {
  it('is no error when it was accepted', () => {
    expect(verifyFailure(result())).toBeUndefined();
    const summary = verifySummary(result());
    expect(summary).toContain('### ✅ Verified: workers of edge');
    expect(summary).toContain('[https&#58;//api.example.org](https://api.example.org)');
    expect(summary).toContain('serving <code>22222222</code>');
  });

  it('says that nothing was tested, and why', () => {
    expect(verifySummary(result({ tested: false }))).toContain('### Not tested: workers of edge');
    const members = [{ service: 'api', note: undefined, standing: 'not-deployed' }] as const;
    const summary = verifySummary(result({ tested: false, members, urls: {} }));
    expect(summary).toContain('### Nothing to verify');
    expect(summary).toContain('not deployed by this run | none');
  });

  it('says what was taken back to which version', () => {
    const error = verifyFailure(result({ failure, takenBack }));
    expect(error).toMatchObject({ code: 'HEALTH_FAILED' });
    expect(error?.message).toBe(
      'The workers of "edge" were not accepted: npm run test:e2e: exit status 1. Taken back: api (to 11111111). Mend the cause and push again.',
    );
    const summary = verifySummary(result({ failure, takenBack }));
    expect(summary).toContain('### ⚠️ Taken back');
    expect(summary).toContain('taken back to <code>11111111</code>');
    expect(summary).toContain('```\n✕ answers <b>\n```');
  });

  it('says what serves on', () => {
    const left = [{ service: 'api', why: 'it is new, so there is no version to go back to' }];
    const error = verifyFailure(result({ failure, left }));
    expect(error).toMatchObject({ code: 'ROLLBACK_FAILED' });
    expect(error?.message).toContain('Still serving: api (it is new, so there is no version to go back to).');
    expect(verifySummary(result({ failure, left }))).toContain('❌ Not accepted, and not all taken back');
  });

  it('is plain where nothing of the run serves', () => {
    expect(verifyFailure(result({ failure }))?.remedy).toBe(
      'Nothing of this run serves. Mend the cause and push again.',
    );
  });
});
