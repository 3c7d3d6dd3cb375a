import { describe, expect, it } from '@jest/globals';
import {
  failedMembers,
  membersToTakeBack,
  type SetMember,
  standingOf,
  undoneMembers,
  urlsOf,
} from '../../../../src/core/cloudflare/set-standing.ts';
import type { WorkerNote } from '../../../../src/core/cloudflare/worker-note.ts';

const note = (part: Partial<WorkerNote> = {}): WorkerNote => ({
  service: 'api',
  target: 'edge',
  attempt: 1,
  status: 'deployed',
  url: 'https://api.example.org',
  versionId: 'new',
  previousVersionId: 'old',
  ...part,
});
const all = (versionId: string) => [{ versionId, percentage: 100 }];
const member = (service: string, standing: SetMember['standing'], part?: Partial<WorkerNote>): SetMember => ({
  service,
  standing,
  note: note({ service, url: `https://${service}.example.org`, ...part }),
});

describe('standingOf', () => {
  it.each([
    ['serving', note(), all('new')],
    ['serving', note({ status: 'failed' }), all('new')],
    ['serving', note(), [...all('old'), { versionId: 'new', percentage: 10 }]],
    ['taken-back', note(), all('old')],
    ['taken-back', note({ status: 'rolled-back' }), all('old')],
    ['taken-back', note(), [...all('old'), { versionId: 'new', percentage: 0 }]],
    ['replaced', note(), all('newer')],
    ['replaced', note(), []],
    ['replaced', note({ previousVersionId: undefined }), all('newer')],
    ['unchanged', note({ status: 'unchanged', versionId: 'old' }), all('old')],
    ['not-deployed', note({ status: 'failed', versionId: undefined }), all('old')],
    ['not-deployed', undefined, all('old')],
  ] as const)('is %s for %j where %j serves', (standing, its, live) => {
    expect(standingOf(its, live)).toBe(standing);
  });
});

describe('a set of workers', () => {
  const members = [
    member('limiter', 'serving'),
    member('config', 'unchanged', { status: 'unchanged' }),
    member('images', 'serving', { status: 'failed' }),
    member('mail', 'taken-back', { status: 'rolled-back' }),
    member('late', 'taken-back'),
    member('other', 'replaced'),
    { service: 'held', note: undefined, standing: 'not-deployed' } as const,
  ];
  const names = (some: readonly SetMember[]) => some.map(({ service }) => service);

  it('takes back what serves, the last deployed first, and nothing that it left or somebody else deployed', () => {
    expect(names(membersToTakeBack(members))).toEqual(['images', 'limiter']);
  });

  it('counts what was held back and what put itself back among the failed', () => {
    expect(names(failedMembers(members))).toEqual(['images', 'mail', 'held']);
  });

  it('tells what was fine and is gone from what put itself back', () => {
    expect(names(undoneMembers(members))).toEqual(['late']);
  });

  it('has the URL of each worker that there is', () => {
    expect(urlsOf([member('constructor', 'serving'), member('a', 'serving', { url: undefined })])).toEqual({
      constructor: 'https://constructor.example.org',
    });
    expect(Object.keys(urlsOf(members))).toEqual(['limiter', 'config', 'images', 'mail', 'late', 'other']);
  });
});
