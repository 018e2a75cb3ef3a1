// The architecture's rooms (folders), and which rooms and packages each may import. Arrows point only downwards, so there is no
// cycle. Any import that is not listed is forbidden.

/** @type {Record<string, string[]>} room -> rooms it may import */
export const DOORS = {
  'extension/page': ['src/api', 'src/protocol'],
  'extension/content': ['src/channel', 'src/protocol', 'extension/platform'],
  'extension/bridge': ['src/channel', 'src/protocol', 'extension/platform'],
  'extension/background': ['src/sites', 'src/channel', 'src/protocol', 'extension/platform'],
  'extension/host': ['src/engine', 'src/channel', 'src/protocol', 'extension/platform'],
  // The contexts that run the background and the host: two in Chrome, one in Firefox, and the relay that passes ports on to it.
  'extension/service-worker': ['extension/background', 'extension/platform'],
  'extension/offscreen': ['extension/host', 'extension/platform'],
  'extension/event-page': ['extension/background', 'extension/host', 'src/channel', 'extension/platform'],
  'extension/relay': ['extension/platform'],
  'extension/prompt': ['extension/ui', 'src/channel', 'src/protocol', 'extension/platform'],
  'extension/panel': ['extension/ui', 'src/channel', 'src/protocol', 'extension/platform'],
  'extension/settings': ['extension/ui', 'src/channel', 'src/protocol', 'extension/platform'],
  // The self-test runs Peers in the welcome page, so it needs a page's API and the content script's attachment.
  'extension/welcome': [
    'extension/ui',
    'extension/content',
    'src/api',
    'src/channel',
    'src/protocol',
    'extension/platform',
  ],
  'extension/ui': ['src/channel', 'src/protocol', 'extension/platform'],
  // Imports the keys of the texts as a type.
  'extension/platform': ['extension/public'],
  'extension/public': [],
  'src/api': ['src/channel', 'src/protocol', 'src/codec', 'src/negotiation'],
  'src/engine': ['src/protocol', 'src/channel', 'src/codec', 'src/negotiation'],
  'src/negotiation': ['src/protocol'],
  'src/sites': ['src/protocol'],
  'src/channel': ['src/protocol'],
  'src/codec': ['src/protocol'],
  'src/protocol': [],
};

/** @type {Record<string, string[]>} package -> the folders whose rooms may import it */
export const PACKAGES = {
  'webextension-polyfill': ['extension/platform'],
  eventemitter3: ['src'],
  // Not src/api, which is injected into every page and must stay small.
  valibot: ['src/protocol', 'src/engine', 'src/sites'],
  // Only the background classifies addresses as private, because the tables of address ranges are large.
  'ipaddr.js': ['src/sites'],
  // Only the background needs the large list of public suffixes.
  tldts: ['src/sites'],
  preact: ['extension/ui', 'extension/panel', 'extension/settings', 'extension/welcome'],
  uplot: ['extension/panel'],
};
