// Firefox profiles without the extension, driven through WebDriver BiDi.
import { launch, type Browser } from 'puppeteer-core';
import { findFirefox, howToGetFirefox } from '../../scripts/firefox.mjs';
import type { DrivenPage, PageOpener } from './driven-page';
import { drivenPage } from './firefox-page';

type Preferences = Record<string, string | number | boolean>;

const PREFERENCES: Preferences = {
  // Two profiles on one machine must find each other without multicast DNS, also where loopback is the only network.
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.loopback': true,
  // Pages of tests make sounds and play them without a click before.
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  // Without a sound card an AudioContext would never start; this one plays to nobody, at the right pace.
  'media.cubeb.force_mock_context': true,
};

/** Starts Firefox with a fresh profile, which is deleted again when the browser is closed. */
export async function launchFirefox(preferences: Preferences = {}): Promise<Browser> {
  const executablePath = findFirefox();
  if (executablePath === undefined) throw new Error(howToGetFirefox());
  return launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    defaultViewport: null,
    // Else no page of an extension can be driven.
    args: ['--remote-allow-system-access'],
    extraPrefsFirefox: { ...PREFERENCES, ...preferences },
  });
}

/** A profile without the extension. */
export class PlainFirefox implements PageOpener {
  protected constructor(readonly browser: Browser) {}

  static async launch(): Promise<PlainFirefox> {
    return new PlainFirefox(await launchFirefox());
  }

  /** In a window of its own, because a tab behind another draws no frames. */
  async newPage(): Promise<DrivenPage> {
    return drivenPage(await this.browser.newPage({ type: 'window' }));
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}
