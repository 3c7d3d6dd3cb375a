// A real browser, driven by playwright-core, which only this soak installs: therefore the few of its types that are used.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pinnedVersions, toolsFolder } from '../../test/support/tool-path.ts';

export interface Locator {
  click(options?: { readonly timeout?: number }): Promise<void>;
  fill(value: string): Promise<void>;
  first(): Locator;
  isVisible(): Promise<boolean>;
  waitFor(options?: { readonly state?: 'visible' | 'hidden'; readonly timeout?: number }): Promise<void>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  url(): string;
  getByRole(role: string, options: { readonly name: string; readonly exact?: boolean }): Locator;
  getByText(text: string): Locator;
  locator(selector: string): Locator;
  waitForURL(url: RegExp): Promise<void>;
  waitForTimeout(ms: number): Promise<void>;
  screenshot(options: { readonly path: string }): Promise<unknown>;
  readonly keyboard: { type(text: string): Promise<void>; press(key: string): Promise<void> };
}

/** With cookies and storage of its own, as a browser that was never here before. */
export interface Session {
  newPage(): Promise<Page>;
  pages(): readonly Page[];
  close(): Promise<void>;
}

export interface Browser {
  newContext(options: {
    readonly viewport: { readonly width: number; readonly height: number };
    readonly reducedMotion: 'reduce';
  }): Promise<Session>;
  contexts(): readonly Session[];
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser>;
  };
}

/** `executablePath`: Chromium, or what starts it. */
export async function startBrowser(executablePath: string): Promise<Browser> {
  const home = join(toolsFolder, `playwright-core-${pinnedVersions().get('PLAYWRIGHT_VERSION')}`);
  const { chromium } = (await import(pathToFileURL(join(home, 'index.mjs')).href)) as Playwright;
  // Without its sandbox, because root may not have one; it sees nothing but the pages of this machine.
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export async function newSession(browser: Browser): Promise<Session> {
  return await browser.newContext({ viewport: { width: 1000, height: 640 }, reducedMotion: 'reduce' });
}

/** A picture of the page that is open, for whoever looks for what went wrong. @returns its path */
export async function lastPage(browser: Browser): Promise<string> {
  const path = join(tmpdir(), 'open-webui-failed.png');
  await browser
    .contexts()
    .flatMap((session) => session.pages())
    .at(-1)
    ?.screenshot({ path });
  return path;
}
