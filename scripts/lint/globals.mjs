// The globals that exist in each room. TypeScript cannot check them, because it sees the libraries of all rooms at once.
import globals from 'globals';

/**
 * Window properties whose names are also common variable names: without this list, a missing declaration would go unnoticed.
 * `origin` in particular: in this code it always means a sender's origin, never this document's own.
 */
const TREACHEROUS = [
  'close',
  'closed',
  'event',
  'external',
  'find',
  'focus',
  'frames',
  'length',
  'name',
  'open',
  'origin',
  'parent',
  'print',
  'scroll',
  'status',
  'stop',
  'top',
];

const page = honest({ ...globals.browser, ...globals.es2025 });
const worker = honest({ ...globals.serviceworker, ...globals.es2025 });
const sharedWorker = honest({ ...globals.sharedWorker, ...globals.es2025 });
const everywhere = Object.fromEntries(Object.entries(page).filter(([name]) => Object.hasOwn(worker, name)));
/** Only extension/platform uses WebExtension APIs. Other rooms import it. */
const platform = { ...everywhere, chrome: false };

/** @type {Record<string, Record<string, boolean | string>>} room -> its globals */
export const GLOBALS = {
  'extension/page': page,
  'extension/content': page,
  'extension/bridge': page,
  // A service worker in Chrome, a page in Firefox.
  'extension/background': everywhere,
  'extension/host': page,
  'extension/service-worker': worker,
  'extension/offscreen': page,
  'extension/event-page': page,
  'extension/relay': sharedWorker,
  'extension/prompt': page,
  'extension/panel': page,
  'extension/settings': page,
  'extension/welcome': page,
  'extension/ui': page,
  'extension/platform': platform,
  'src/api': page,
  'src/engine': page,
  'src/negotiation': page,
  // These rooms run in the service worker too.
  'src/sites': everywhere,
  'src/diagnostics': everywhere,
  'src/channel': everywhere,
  'src/codec': everywhere,
  'src/protocol': everywhere,
};

/** @param {Record<string, any>} names */
function honest(names) {
  return Object.fromEntries(Object.entries(names).filter(([name]) => !TREACHEROUS.includes(name)));
}
