// The promise-based WebExtension API for extension pages and the background. Content scripts and the offscreen document use
// `runtime.ts` instead, which does not load the polyfill.
import browser from 'webextension-polyfill';

export { browser };
