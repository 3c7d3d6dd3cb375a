// What a person does in Open WebUI.
import type { Page } from './browser.ts';

export interface Account {
  readonly email: string;
  readonly password: string;
}

export async function openSignIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/auth`);
  await page.getByRole('textbox', { name: 'Email' }).waitFor();
}

export async function signIn(page: Page, account: Account): Promise<void> {
  await page.getByRole('textbox', { name: 'Email' }).fill(account.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#chat-input').waitFor();
  // What is new in this release: at the first visit of each browser, and over everything else.
  await page
    .getByRole('button', { name: "Okay, Let's Go!" })
    .click({ timeout: 10_000 })
    .catch(() => undefined);
}

/** Asks, and waits for the answer as a whole. */
export async function ask(page: Page, question: string, answer: string): Promise<void> {
  await page.locator('#chat-input').click();
  await page.keyboard.type(question);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/c\/[0-9a-f-]{36}$/);
  await page.getByText(answer).first().waitFor();
  await page.getByRole('button', { name: 'Good Response' }).first().waitFor();
}
