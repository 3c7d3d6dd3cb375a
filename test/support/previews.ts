// Previews as the operation makes them, of any size and with any names.
import type { Detection } from '../../src/core/changes/detection.ts';
import type { PlanEntry } from '../../src/core/plan.ts';
import { noComposeChanges, type Preview } from '../../src/core/preview/preview.ts';

export function planEntry(service: string, target = 'homelab', more: Partial<PlanEntry> = {}): PlanEntry {
  return {
    service,
    target: { name: target, runsOn: ['self-hosted', target] },
    source: 'service.yml',
    driver: 'compose',
    url: undefined,
    wave: 1,
    reasons: [`services/${service}/compose.yaml changed`],
    ...more,
  };
}

export function detectionOf(entries: readonly PlanEntry[], more: Partial<Detection> = {}): Detection {
  const services = [...new Set(entries.map(({ service }) => service))].sort();
  return {
    services,
    deleted: [],
    reasons: Object.fromEntries(
      services.map((name) => [
        name,
        [{ kind: 'files', text: 'its files changed', files: [`services/${name}/compose.yaml`], count: 1 }],
      ]),
    ),
    base: 'b'.repeat(40),
    head: 'a'.repeat(40),
    baseTitle: 'the base branch',
    warnings: [],
    total: services.length,
    ...more,
  };
}

export function previewOf(entries: readonly PlanEntry[], more: Partial<Preview> = {}): Preview {
  return {
    detection: detectionOf(entries),
    plan: { entries, disabled: [] },
    dependencies: [],
    removals: [],
    unreadable: [],
    compose: noComposeChanges,
    report: undefined,
    runners: { kind: 'not-asked' },
    notes: [],
    fault: undefined,
    ...more,
  };
}

/** Each on its own target of 40, in five waves. */
export function manyEntries(count: number, targets = 40): PlanEntry[] {
  return Array.from({ length: count }, (_, index) =>
    planEntry(`service-${String(index).padStart(3, '0')}`, `target-${index % targets}`, {
      wave: 1 + Math.floor((5 * index) / count),
    }),
  );
}

/** Texts that try to be more than text. */
export const hostileTexts: readonly string[] = [
  '"]; click A "javascript:alert(1)"',
  '%%{init: {"theme":"dark"}}%%',
  '```\n## Injected\n```',
  '~~~',
  '</details></code><script>alert(1)</script><img src=x onerror=alert(1)>',
  '<!-- launch:plan -->',
  '-->',
  'a|b | c',
  'line\n::error::injected\r\n::set-output name=x::y',
  '##[error]x',
  '[click](javascript:alert(1)) ![x](http://evil.example/x.png)',
  'left\u202eright\u2066\u200b\u00ad',
  '@octo/team #123 GH-7 octo/shop#9',
  'http://evil.example/ www.evil.example mailto:a@evil.example',
  '$(touch /tmp/x) `touch /tmp/x` ${{ secrets.TOKEN }}',
  '\ud800 lone \u0000\u001b[31m',
  '**bold** _it_ ~~gone~~ $x^2$ :smile:',
];
