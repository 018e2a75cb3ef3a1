// Types for the scripts that tests use. The scripts are plain JavaScript, because they run before anything is installed.
declare module '*/scripts/chromium.mjs' {
  export function findChromium(): string | undefined;
  export function howToGetChromium(): string;
}

declare module '*/scripts/turn-server.mjs' {
  export function findTurnServer(): string | undefined;
  export function howToGetTurnServer(): string;
}

declare module '*/scripts/welcome-tab.mjs' {
  import type { BrowserContext, Page } from '@playwright/test';

  export function welcomeTab(context: BrowserContext): Promise<Page>;
}

declare module '*/scripts/firefox.mjs' {
  export function findFirefox(): string | undefined;
  export function howToGetFirefox(): string;
}

declare module '*/scripts/firefox-profile.mjs' {
  import type { Browser, Page } from 'puppeteer-core';

  type Preferences = Record<string, string | number | boolean>;

  export const PREFERENCES: Preferences;
  export const HEADLESS_PREFERENCES: Preferences;
  export function extensionPage(browser: Browser, path: string, deadline?: AbortSignal): Promise<Page>;
  export function showExtensionPage(page: Page, path: string, signal?: AbortSignal): Promise<void>;
}

declare module '*/scripts/process-memory.mjs' {
  export const canMeasureMemory: boolean;
  export function memoryOf(processId: number): number;
}

declare module '*/scripts/security-rows.mjs' {
  export interface RanTest {
    file: string;
    titles: string[];
    passed: boolean;
  }

  export interface PlaywrightSuite {
    title: string;
    file: string;
    suites?: PlaywrightSuite[];
    specs?: { title: string; tests: { status: string; results: { status: string }[] }[] }[];
  }

  export function unprovedRows(text: string, tests: RanTest[]): string[];
  export function vitestTests(
    report: {
      testResults?: {
        name: string;
        assertionResults: { ancestorTitles: string[]; title: string; status: string }[];
      }[];
    },
    root: string,
  ): RanTest[];
  export function playwrightTests(
    report: { config?: { rootDir: string }; suites?: PlaywrightSuite[] },
    root: string,
  ): RanTest[];
}

declare module '*/scripts/lint/rooms.mjs' {
  export const DOORS: Record<string, string[]>;
}
