// Starts the browsers in which the demo runs.
import { film } from './camera.mjs';
import { ChromiumDriver } from './chromium.mjs';
import { FirefoxDriver } from './firefox.mjs';

/**
 * The picture and sound of a person's devices. Chromium lets the demo choose the picture, Firefox the pitch.
 * @typedef {{ folder: string, light: Parameters<typeof film>[1], pitch: number }} Devices `folder`: for the film
 */

/**
 * @param {import('../setup.mjs').BrowserName} browser
 * @param {import('./driver.mjs').Options} options
 * @param {Devices} devices
 * @returns {Promise<import('./driver.mjs').Driver>}
 */
export function openDriver(browser, options, { folder, light, pitch }) {
  if (browser === 'firefox') return FirefoxDriver.open({ ...options, pitch });
  return ChromiumDriver.open({ ...options, film: film(folder, light) });
}
