// The real Open WebUI, of the release that the template pins, in the stack of services/ai-sandbox, with the real Caddy; vLLM
// is a stand-in. A real browser signs in, asks, and finds its chat again after all containers were made anew.
//
// Usage: node bench/soak-open-webui.ts [--version 0.12.4] [--screenshots docs/images]
//
//   --version       another release of Open WebUI than that of the template
//   --screenshots   write pictures of the sign-in page and of a chat into this folder
//
// Exit 1 when anything was wrong. The first run installs Open WebUI, see scripts/setup-open-webui.sh.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeRepositories } from '../test/support/repository.ts';
import { lastPage, newSession, startBrowser } from './open-webui/browser.ts';
import { buildWebUiImage } from './open-webui/image.ts';
import { openOwnNetwork } from './open-webui/own-network.ts';
import { ask, openSignIn, signIn } from './open-webui/pages.ts';
import { pinnedWebUi, Stack } from './open-webui/stack.ts';

const { values } = parseArgs({
  options: { version: { type: 'string' }, screenshots: { type: 'string' } },
});
const version = values.version ?? pinnedWebUi();
const question = 'What is a tensor, in one sentence?';
const wrong: string[] = [];
const began = performance.now();

function expect(what: string, holds: boolean): void {
  process.stdout.write(`${holds ? 'ok   ' : 'WRONG'} ${what}\n`);
  if (!holds) wrong.push(what);
}

function tell(what: string): void {
  process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1)} s: ${what}\n`);
}

const picture = (name: string) => join(values.screenshots ?? '', name);

async function json(url: string, init?: RequestInit): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.json().catch(() => undefined) };
}

const post = (url: string, body: unknown) =>
  json(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** What anybody may ask without signing in. */
async function checkSignUpIsClosed(stack: Stack, when: string): Promise<void> {
  const config = await json(`${stack.ui}/api/config`);
  expect(
    `${when}: the page offers no sign-up`,
    JSON.stringify(config.body).includes('"enable_signup":false'),
  );
  const tried = await post(`${stack.ui}/api/v1/auths/signup`, {
    name: 'Mallory',
    email: 'mallory@example.org',
    password: 'correct horse battery',
  });
  expect(`${when}: signing up is refused (${tried.status})`, tried.status === 403);
}

tell(`Open WebUI ${version}`);
const stack = await Stack.create(buildWebUiImage(version));
const network = await openOwnNetwork(stack.uiPort);
const browser = await startBrowser(network.chromium);
try {
  stack.up();
  tell('the stack is up and healthy');
  await checkSignUpIsClosed(stack, 'first start');
  const refused = await post(`${stack.ui}/api/v1/auths/signin`, { ...stack.account, password: 'wrong' });
  expect(`a wrong password is refused (${refused.status})`, refused.status === 400);

  const models = async (headers = {}) => (await json(`${stack.api}/models`, { headers })).status;
  expect('the API asks for the key', (await models()) === 401);
  expect('the API takes it', (await models({ authorization: `Bearer ${stack.apiKey}` })) === 200);

  const first = await newSession(browser);
  const page = await first.newPage();
  await openSignIn(page, stack.ui);
  expect(
    'the page has no button to sign up',
    !(await page.getByRole('button', { name: 'Sign up' }).isVisible()),
  );
  if (values.screenshots !== undefined) {
    mkdirSync(values.screenshots, { recursive: true });
    await page.screenshot({ path: picture('open-webui-sign-in.png') });
  }
  await signIn(page, stack.account);
  tell('signed in');
  expect(
    'the model is there, and selected',
    await page
      .getByRole('button', { name: 'Selected model: mistralai/Mistral-7B-Instruct-v0.3' })
      .isVisible(),
  );
  await ask(page, question, `You said: ${question}`);
  tell('asked, and got the answer');
  const chat = page.url();
  if (values.screenshots !== undefined) {
    await page.waitForTimeout(3000);
    await page.screenshot({ path: picture('open-webui-chat.png') });
  }
  await first.close();

  const before = stack.containers();
  stack.up('--force-recreate');
  tell('every container was made anew');
  expect('they are other containers', !stack.containers().some((id) => before.includes(id)));
  await checkSignUpIsClosed(stack, 'after that');

  const second = await newSession(browser);
  const later = await second.newPage();
  await later.goto(chat);
  await later.waitForURL(/\/auth/);
  expect('a browser that was never here has to sign in', true);
  await signIn(later, stack.account);
  await later.goto(chat);
  await later.getByText(`You said: ${question}`).first().waitFor();
  expect('the chat is there, with its answer', true);
  await ask(later, 'And a matrix?', 'You said: And a matrix?');
  expect('it goes on', later.url() === chat);
  await second.close();
} catch (error) {
  wrong.push(error instanceof Error ? error.message : String(error));
  process.stderr.write(`${stack.logs('open-webui').split('\n').slice(-15).join('\n')}\n`);
  tell(`what the browser shows: ${await lastPage(browser)}`);
} finally {
  await browser.close();
  network.close();
  stack.down();
  removeRepositories();
}
tell(wrong.length === 0 ? 'fine' : `wrong:\n${wrong.join('\n')}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
