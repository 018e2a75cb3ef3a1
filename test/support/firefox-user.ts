// What a user does in the extension's pages in Firefox.
import type { Page } from 'puppeteer-core';

/** Presses the button of this name once it is enabled. */
export async function press(page: Page, name: string): Promise<void> {
  await page.locator(readyButton(name)).click();
}

/** Resolves when the button of this name is enabled. */
export async function untilReady(page: Page, name: string): Promise<void> {
  await page.locator(readyButton(name)).wait();
}

function readyButton(name: string): string {
  const hasName = `normalize-space(.)="${name}" or @aria-label="${name}"`;
  return `::-p-xpath(//button[${hasName}][not(@aria-disabled="true")])`;
}

/** Ticks the prompt's checkbox to keep an ID, which is not ticked by default in Firefox. */
export async function tickKeepId(prompt: Page): Promise<void> {
  const box = await prompt.waitForSelector('#keep-id[aria-disabled="false"]');
  await box!.click();
}

/** Clicks the control with this label. */
export async function choose(page: Page, label: string): Promise<void> {
  await page.locator(`::-p-xpath(//label[contains(normalize-space(.), "${label}")])`).click();
}

/** Resolves when the page contains this text. */
export async function untilSays(page: Page, text: string): Promise<void> {
  await page.waitForFunction((text) => document.body.innerText.includes(text), { polling: 50 }, text);
}

/** Resolves when the page no longer contains this text. */
export async function untilSilentOn(page: Page, text: string): Promise<void> {
  await page.waitForFunction((text) => !document.body.innerText.includes(text), { polling: 50 }, text);
}
