// What Launch asks of Linode, and what the stand-in answers, held against the provider's own description of its API.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deleteGpu } from '../../../src/operations/gpu/delete-instance.ts';
import { gpuStatus } from '../../../src/operations/gpu/gpu-status.ts';
import { reap } from '../../../src/operations/gpu/reap.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import { ensure } from '../../support/gpu-suite.ts';
import { type FakeLinode, startFakeLinode } from '../../support/linode-api/server.ts';
import { linodeDescription, type Prism, startPrism } from '../../support/prism.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';

const description = linodeDescription();
const title = "the provider's description of the API";

interface Violation {
  readonly location: readonly string[];
  readonly code?: string;
  readonly message: string;
}

if (description === undefined) {
  const reason = 'there is none here; LAUNCH_LINODE_SPEC names one';
  console.warn(`NOT RUN: ${title}: ${reason}.`);
  describe.skip(`${title} (not run: ${reason})`, () => {
    it('holds', () => {});
  });
} else {
  describe(title, () => {
    let fake: FakeLinode;
    let prism: Prism;
    const violations: string[] = [];
    const notDescribed = new Set<string>();
    beforeAll(async () => {
      fake = await startFakeLinode();
      prism = await startPrism(description, fake.origin);
    }, 300_000);
    afterAll(async () => {
      prism?.close();
      await fake?.close();
      removeRepositories();
    });

    const watching = async (...[url, options]: Parameters<typeof fetch>): Promise<Response> => {
      const response = await fetch(url, options);
      const what = `${options?.method} ${new URL(String(url)).pathname.replace(/\/\d+/g, '/…')}`;
      const told: readonly Violation[] = JSON.parse(response.headers.get('sl-violations') ?? '[]');
      for (const { location, code, message } of told) {
        if (message === 'Selected route not found') notDescribed.add(what);
        else if (!isKnown(what, { location, message, ...(code === undefined ? {} : { code }) }))
          violations.push(`${what}: ${message}`);
      }
      return response;
    };
    const access = () => ({
      ...{
        token: fake.token,
        hostEnv: { ...fake.env, LINODE_API_URL: `${prism.origin}/v4` },
        signal: undefined,
      },
      linode: { fetch: watching },
    });

    it('holds for an instance from its first request to its last', async () => {
      const cwd = temporaryFolder('launch-gpu-');
      const file = join(cwd, 'ai-sandbox.sh');
      const script = '#!/bin/bash\n# <UDF name="model_id" label="Model" default="tiny">\n';
      const part = {
        cwd,
        stackScript: { file },
        stackScriptData: new Map([['model_id', 'm']]),
        tags: ['mine'],
      };
      writeFileSync(file, script);
      fake.offers.availability.push({ region: 'us-ord', plan: 'g2-gpu-rtx4000a1-s', available: true });
      expect(await ensure(fake, { ...access(), ...part })).toMatchObject({ status: 'created' });
      writeFileSync(file, `${script}echo\n`);
      expect(await ensure(fake, { ...access(), ...part, label: 'second' })).toMatchObject({
        status: 'created',
      });
      expect(await ensure(fake, { ...access(), ...part })).toMatchObject({ status: 'adopted' });
      expect(await gpuStatus({ ...access(), label: undefined })).toMatchObject({ status: 'listed' });
      expect(await reap({ ...access(), dryRun: false }, silentReporter)).toMatchObject({ status: 'nothing' });
      for (const label of ['sandbox', 'second']) {
        const gone = await deleteGpu({ ...access(), label, id: undefined, dryRun: false }, silentReporter);
        expect(gone).toMatchObject({ status: 'deleted' });
      }
      expect(violations).toEqual([]);
      expect([...notDescribed].filter((it) => !expectedGaps.includes(it))).toEqual([]);
      expect(fake.refused).toEqual([]);
    }, 60_000);

    it('would not have held for a wrong request', async () => {
      violations.length = 0;
      await watching(`${prism.origin}/v4/linode/instances`, {
        method: 'POST',
        headers: { authorization: `Bearer ${fake.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ region: 'us-ord', label: 'x', root_pass: 7 }),
      });
      expect(violations.join()).toMatch(/type|label|root_pass/);
    });
  });
}

/** Paths that the subset leaves out. */
const expectedGaps = ['DELETE /v4/networking/firewalls/…', 'GET /v4/networking/firewalls/…/devices'];

/** Where the description is older than the API, contradicts itself, or Prism can't follow it. */
function isKnown(what: string, { location, message, code }: Violation): boolean {
  // It came later.
  if (what === 'POST /v4/linode/instances' && message.endsWith("found 'interface_generation'")) return true;
  // Required in the same schema.
  if (what === 'POST /v4/networking/firewalls' && /found '(in|out)bound_policy'$/.test(message)) return true;
  // JSON in a header, which Prism takes for a list of names and values.
  if (location.join('.').startsWith('request.header') && /header parameter x-filter /.test(message))
    return true;
  // Its own examples are not in the form that it names, and neither is what the API answers.
  return code === 'format' && /must match format "date-time"$/.test(message);
}
