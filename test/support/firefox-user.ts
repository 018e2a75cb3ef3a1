// A page of the extension in Firefox, as a user reads and presses it.
import type { Page } from 'puppeteer-core';

/** Presses the button of this name, as soon as it takes presses. */
export async function press(page: Page, name: string): Promise<void> {
  await page.locator(readyButton(name)).click();
}

/** Resolves when the button of this name takes presses. */
export async function untilReady(page: Page, name: string): Promise<void> {
  await page.locator(readyButton(name)).wait();
}

function readyButton(name: string): string {
  const hasName = `normalize-space(.)="${name}" or @aria-label="${name}"`;
  return `::-p-xpath(//button[${hasName}][not(@aria-disabled="true")])`;
}

/** Has the prompt's checkbox ticked: an ID is kept for the site. In Firefox it is not so by itself. */
export async function tickKeepId(prompt: Page): Promise<void> {
  const box = await prompt.waitForSelector('#keep-id[aria-disabled="false"]');
  await box!.click();
}

/** Chooses what this label is beside. */
export async function choose(page: Page, label: string): Promise<void> {
  await page.locator(`::-p-xpath(//label[contains(normalize-space(.), "${label}")])`).click();
}

/** Resolves when the page says this. */
export async function untilSays(page: Page, text: string): Promise<void> {
  await page.waitForFunction((text) => document.body.innerText.includes(text), { polling: 50 }, text);
}

/** Resolves when the page says this no more. */
export async function untilSilentOn(page: Page, text: string): Promise<void> {
  await page.waitForFunction((text) => !document.body.innerText.includes(text), { polling: 50 }, text);
}
