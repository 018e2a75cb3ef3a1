// The WebExtension API of pages and the background, with promises. Content scripts and the offscreen document use
// runtime.ts instead, which weighs nothing.
import browser from 'webextension-polyfill';

export { browser };
