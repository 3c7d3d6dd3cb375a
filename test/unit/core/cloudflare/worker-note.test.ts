import { describe, expect, it } from '@jest/globals';
import { parseWorkerNotes, type WorkerNote, wholeNote } from '../../../../src/core/cloudflare/worker-note.ts';

const text = (outputs: object, rest: object = {}) =>
  JSON.stringify({ services: ['api'], target: 'edge', attempt: '1', outputs, ...rest });

const outputs = {
  status: 'deployed',
  url: 'https://api.example.org',
  urls: '{"api":"https://api.example.org"}',
  'version-id': 'v2',
  'previous-version-id': 'v1',
};
const note: WorkerNote = {
  service: 'api',
  target: 'edge',
  attempt: 1,
  status: 'deployed',
  url: 'https://api.example.org',
  versionId: 'v2',
  previousVersionId: 'v1',
};

describe('parseWorkerNotes', () => {
  it('reads the outputs of a deployment', () => {
    expect(parseWorkerNotes(text(outputs))).toEqual([note]);
  });

  it('reads those of several workers, which are objects by service', () => {
    const several = {
      status: 'failed',
      urls: '{"api":"https://api.example.org","constructor":"https://c.example.org"}',
      'version-id': '{"api":"v2","constructor":"w2"}',
      'previous-version-id': '{"api":"v1","constructor":""}',
    };
    const services = ['api', 'constructor', 'held', 'tostring'];
    expect(parseWorkerNotes(text(several, { services }))).toEqual([
      { ...note, status: 'failed' },
      {
        ...note,
        service: 'constructor',
        status: 'failed',
        url: 'https://c.example.org',
        versionId: 'w2',
        previousVersionId: undefined,
      },
      ...['held', 'tostring'].map((service) => ({
        ...note,
        service,
        status: 'failed',
        url: undefined,
        versionId: undefined,
        previousVersionId: undefined,
      })),
    ]);
  });

  it.each([
    [{}],
    [{ status: '', url: '', urls: '', 'version-id': '', 'previous-version-id': '' }],
    [{ status: 'marvellous' }],
  ])('knows nothing of a worker whose step wrote %j', (written) => {
    const nothing = { status: undefined, url: undefined, versionId: undefined, previousVersionId: undefined };
    expect(parseWorkerNotes(text(written))).toEqual([{ ...note, ...nothing }]);
  });

  it.each([
    ['', 'no JSON'],
    ['{"service": "api", "targ', 'half of it'],
    ['[]', 'a list'],
    ['null', 'nothing'],
    [text({ status: 1 }), 'an output that is no text'],
    [text({}, { services: ['../../etc'] }), 'a name that is none'],
    [text({}, { target: 'a b' }), 'a target that is none'],
    [text({}, { attempt: 'first' }), 'an attempt that is no number'],
    [text({ url: 'x', urls: 'x'.repeat(70_000) }), 'an output without end'],
  ])('is undefined for %s (%s)', (whole) => {
    expect(parseWorkerNotes(whole)).toBeUndefined();
  });
});

describe('wholeNote', () => {
  const second = (part: Partial<WorkerNote>): WorkerNote => ({ ...note, attempt: 2, ...part });

  it('is the newest', () => {
    const again = second({ versionId: 'v3', previousVersionId: 'v0' });
    expect(wholeNote([again, { ...note, status: 'failed', versionId: undefined }])).toEqual(again);
    expect(wholeNote([note])).toEqual(note);
  });

  it('goes back before the run, not to what an earlier attempt had deployed', () => {
    const unchanged = second({ status: 'unchanged', previousVersionId: 'whatever' });
    expect(wholeNote([note, unchanged])).toEqual({ ...note, attempt: 2 });
    const anew = second({ versionId: 'v3', previousVersionId: 'v2' });
    expect(wholeNote([note, anew]).previousVersionId).toBe('v1');
    const third = { ...anew, attempt: 3, versionId: 'v4', previousVersionId: 'v3' };
    expect(wholeNote([third, note, anew]).previousVersionId).toBe('v1');
    expect(wholeNote([{ ...note, previousVersionId: undefined }, anew]).previousVersionId).toBeUndefined();
  });

  it('leaves what no attempt of the run has deployed', () => {
    const unchanged = { ...note, status: 'unchanged' } as const;
    expect(wholeNote([unchanged, second({ status: 'unchanged' })]).status).toBe('unchanged');
  });
});
