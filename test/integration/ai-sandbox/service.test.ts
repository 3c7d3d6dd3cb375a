// services/ai-sandbox as any other service of Launch: deployed, updated, taken back.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { standInOverride } from '../../support/ai-sandbox/stack.ts';
import { createHost } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { freePort } from '../../support/local-server.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';

const folder = join(ROOT, 'services/ai-sandbox');
const secrets = new Map([
  ['VLLM_API_KEY', 'a-key-of-the-tests-0123'],
  ['WEBUI_ADMIN_PASSWORD', 'a$password'],
  ['WEBUI_SECRET_KEY', 'signs'],
  ['NOT_DECLARED', 'x'],
]);

deploySuite(
  'caddy',
  'busybox',
  'curl',
)('the AI sandbox as a service', () => {
  it('is deployed, and updated without a chat lost', async () => {
    const [ui, api] = [await freePort(), await freePort()];
    const data = temporaryFolder('launch-open-webui-');
    const models = temporaryFolder('launch-models-');
    const places = new Map([
      ['WEBUI_PORT', String(ui)],
      ['API_PORT', String(api)],
      ['BIND_ADDRESS', '127.0.0.1'],
      ['WEBUI_DATA_DIR', data],
      ['MODELS_DIR', models],
    ]);
    const service = readFileSync(join(folder, 'service.yml'), 'utf8')
      .replace(':3000/', `:${ui}/`)
      .replaceAll(':8000/', `:${api}/`)
      .replace('timeout: 60s', 'timeout: 6s');
    const compose = readFileSync(join(folder, 'compose.yml'), 'utf8');
    const host = await createHost({
      'target.txt': null,
      'service.yml': service,
      'compose.yml': compose,
      'compose.override.yml': standInOverride(),
    });
    const deploy = async () => await host.deploy({ env: places, secrets, timeoutMs: 60_000 });
    expect(await deploy()).toMatchObject({ status: 'deployed' });

    const signIn = async () => {
      const body = JSON.stringify({ email: 'admin@ai-sandbox.local', password: 'a$password' });
      const answer = await fetch(`http://127.0.0.1:${ui}/api/v1/auths/signin`, { method: 'POST', body });
      const { token }: { token: string } = JSON.parse(await answer.text());
      return { authorization: `Bearer ${token}` };
    };
    const chats = `http://127.0.0.1:${ui}/api/v1/chats`;
    const chat = JSON.stringify({ chat: { title: 'kept' } });
    await fetch(`${chats}/new`, { method: 'POST', headers: await signIn(), body: chat });

    host.commit({ 'compose.yml': compose.replace('MAX_MODEL_LEN:-16384', 'MAX_MODEL_LEN:-8192') });
    expect(await deploy()).toMatchObject({ status: 'deployed' });
    expect(host.docker('inspect', '--format', '{{.Args}}', `${host.service}-vllm-1`)).toContain(
      '--max-model-len=8192',
    );
    const kept = await fetch(`${chats}/`, { headers: await signIn() });
    expect(await kept.text()).toContain('"title":"kept"');

    // A release that is not well is taken back by itself.
    host.commit({ 'compose.yml': compose.replace('path_regexp ^/v1/', 'path_regexp ^/') });
    expect(await deploy()).toMatchObject({ status: 'rolled-back' });
    expect((await fetch(`http://127.0.0.1:${api}/health`)).status).toBe(404);
  });
});
