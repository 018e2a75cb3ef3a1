// The architecture's rooms (folders), and which rooms and packages each may import. Arrows point only downwards, so there is no
// cycle. Any import that is not listed is forbidden. A file belongs to the longest
// folder of the table that it lies in. A door to a large room opens its inner rooms to the rooms outside.

/**
 * A large room and the rooms within it.
 * @param {string} room
 * @param {string[]} outside the rooms that all of them may import
 * @param {Record<string, string[]>} within inner room -> inner rooms it may import; the files beside them may import all
 * @returns {Record<string, string[]>}
 */
function largeRoom(room, outside, within) {
  const inner = (/** @type {string} */ name) => `${room}/${name}`;
  const doors = Object.entries(within).map(([name, names]) => [inner(name), [...names.map(inner), ...outside]]);
  return { [room]: [...Object.keys(within).map(inner), ...outside], ...Object.fromEntries(doors) };
}

/** @type {Record<string, string[]>} room -> rooms it may import */
export const DOORS = {
  'extension/page': ['src/api', 'src/protocol'],
  'extension/content': ['src/channel', 'src/protocol', 'extension/platform'],
  'extension/bridge': ['src/channel', 'src/protocol', 'extension/platform'],
  'extension/background': ['src/sites', 'src/diagnostics', 'src/channel', 'src/protocol', 'extension/platform'],
  'extension/host': ['src/engine', 'src/diagnostics', 'src/channel', 'src/protocol', 'extension/platform'],
  // The contexts that run the background and the host: two in Chrome, one in Firefox, and the relay that passes ports on to it.
  'extension/service-worker': ['extension/background', 'extension/platform'],
  'extension/offscreen': ['extension/host', 'src/channel', 'extension/platform'],
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
  ...largeRoom('src/api', ['src/channel', 'src/codec', 'src/negotiation', 'src/protocol'], {
    data: ['connection', 'facades', 'safe'],
    calls: ['connection', 'facades', 'safe'],
    connection: ['facades', 'safe'],
    facades: ['safe'],
    safe: [],
  }),
  ...largeRoom('src/engine', ['src/diagnostics', 'src/channel', 'src/codec', 'src/negotiation', 'src/protocol'], {
    monitor: ['peer', 'calls', 'connection'],
    peer: ['reload', 'calls', 'data', 'signalling', 'policy', 'connection'],
    reload: ['data', 'signalling', 'policy', 'connection'],
    calls: ['policy', 'connection'],
    data: ['policy', 'connection'],
    signalling: ['policy', 'connection'],
    policy: [],
    connection: [],
  }),
  'src/negotiation': ['src/protocol'],
  ...largeRoom('src/sites', ['src/protocol'], {
    decisions: ['policy', 'servers', 'records'],
    policy: ['servers', 'records'],
    servers: [],
    identities: [],
    records: [],
  }),
  'src/diagnostics': ['src/protocol'],
  'src/channel': ['src/protocol'],
  'src/codec': ['src/protocol'],
  'src/protocol': [],
};

/** @type {Record<string, string[]>} package -> the folders whose rooms may import it */
export const PACKAGES = {
  'webextension-polyfill': ['extension/platform'],
  eventemitter3: ['src'],
  // Not src/api, which is injected into every page and must stay small.
  valibot: ['src/protocol', 'src/engine', 'src/sites', 'src/diagnostics'],
  // Only the background classifies addresses as private, because the tables of address ranges are large.
  'ipaddr.js': ['src/sites'],
  // Only the background needs the large list of public suffixes.
  tldts: ['src/sites'],
  preact: ['extension/ui', 'extension/panel', 'extension/settings', 'extension/welcome'],
  uplot: ['extension/panel'],
};
