// The rooms of the house and the doors between them: which folder may import which folder, and which packages.
// Arrows point down only, so there is no circle; what is not listed is forbidden. A file belongs to the longest folder
// listed here that it lies in. To the rooms outside, a door to a large room opens the rooms within it.

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
  'extension/background': ['src/sites', 'src/channel', 'src/protocol', 'extension/platform'],
  'extension/host': ['src/engine', 'src/channel', 'src/protocol', 'extension/platform'],
  // Where background and host live: Chrome's two contexts, Firefox's one, and what passes ports on to it.
  'extension/service-worker': ['extension/background', 'extension/platform'],
  'extension/offscreen': ['extension/host', 'extension/platform'],
  'extension/event-page': ['extension/background', 'extension/host', 'src/channel', 'extension/platform'],
  'extension/relay': ['extension/platform'],
  'extension/prompt': ['extension/ui', 'src/channel', 'src/protocol', 'extension/platform'],
  'extension/panel': ['extension/ui', 'src/channel', 'src/protocol', 'extension/platform'],
  'extension/settings': ['extension/ui', 'src/channel', 'src/protocol', 'extension/platform'],
  // Its self-test is a page with Peers, made in place: the API of a page, and the content script's part.
  'extension/welcome': [
    'extension/ui',
    'extension/content',
    'src/api',
    'src/channel',
    'src/protocol',
    'extension/platform',
  ],
  'extension/ui': ['src/channel', 'src/protocol', 'extension/platform'],
  // The keys of the texts, as a type.
  'extension/platform': ['extension/public'],
  'extension/public': [],
  ...largeRoom('src/api', ['src/channel', 'src/codec', 'src/negotiation', 'src/protocol'], {
    data: ['connection', 'facades', 'safe'],
    calls: ['connection', 'facades', 'safe'],
    connection: ['facades', 'safe'],
    facades: ['safe'],
    safe: [],
  }),
  ...largeRoom('src/engine', ['src/channel', 'src/codec', 'src/negotiation', 'src/protocol'], {
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
  'src/channel': ['src/protocol'],
  'src/codec': ['src/protocol'],
  'src/protocol': [],
};

/** @type {Record<string, string[]>} package -> the folders whose rooms may import it */
export const PACKAGES = {
  'webextension-polyfill': ['extension/platform'],
  eventemitter3: ['src'],
  // Not in src/api: that one is injected into every page, and has to stay small.
  valibot: ['src/protocol', 'src/engine', 'src/sites'],
  // The background alone knows which addresses are on this machine or in its network: ranges are large.
  'ipaddr.js': ['src/sites'],
  // Only the background needs the list of public suffixes, which is large.
  tldts: ['src/sites'],
  preact: ['extension/ui', 'extension/panel', 'extension/settings', 'extension/welcome'],
  uplot: ['extension/panel'],
};
