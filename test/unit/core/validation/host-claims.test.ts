import { describe, expect, it } from '@jest/globals';
import { reservedPortProblems } from '../../../../src/core/validation/reserved-ports.ts';
import { type RouteUse, routeClashes } from '../../../../src/core/validation/route-clashes.ts';

describe('reservedPortProblems', () => {
  const use = {
    owner: 'web',
    service: 'app',
    port: 443,
    file: 'services/web/compose.yml',
    line: 4,
    column: 7,
  };

  it('says at its line what is reserved, and how it could be allowed', () => {
    const [problem] = reservedPortProblems([{ ...use, refusedOn: ['homelab'] }], new Set(['web']));
    expect(problem).toMatchObject({
      rule: 'reserved-port',
      severity: 'error',
      message: expect.stringMatching(/"app" publishes the host port 443, which is reserved.*on homelab/),
      remedy: expect.stringContaining('allowed-ports: [443]'),
      place: { file: 'services/web/compose.yml', line: 4, column: 7 },
    });
  });

  it('says nothing where every target allows it, or nobody asked for the service', () => {
    expect(reservedPortProblems([{ ...use, refusedOn: [] }], new Set(['web']))).toEqual([]);
    expect(reservedPortProblems([{ ...use, refusedOn: ['homelab'] }], new Set())).toEqual([]);
  });
});

describe('routeClashes', () => {
  const use = (owner: string, changes: Partial<RouteUse> = {}): RouteUse => ({
    owner,
    host: 'chat.example.org',
    path: '/',
    place: { file: `services/${owner}/service.yml`, line: 3, column: 10 },
    targets: ['homelab'],
    ...changes,
  });
  const both = new Set(['a', 'b']);

  it('tells once of one host and path on one target, at the line of a selected service', () => {
    const uses = [use('a', { path: '/api/' }), use('b', { host: 'Chat.example.org', path: '/api' })];
    expect(routeClashes(uses, both)).toHaveLength(1);
    expect(routeClashes(uses, new Set(['a']))).toMatchObject([
      {
        rule: 'duplicate-route',
        place: { file: 'services/a/service.yml', line: 3 },
        message: expect.stringMatching(/chat\.example\.org\/api of "a" is also that of "b" on homelab/),
      },
    ]);
    expect(routeClashes(uses, new Set())).toEqual([]);
  });

  it.each([
    ['another path', { path: '/api' }],
    ['another host', { host: 'other.example.org' }],
    ['another target', { targets: ['aws'] }],
    ['no target', { targets: [] }],
  ])('tells nothing of %s', (_name, changes) => {
    expect(routeClashes([use('a'), use('b', changes)], both)).toEqual([]);
  });
});
