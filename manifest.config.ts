// The manifest of each browser. manifest.json is the Chrome form, written with source paths; the Firefox form is derived.
import manifest from './manifest.json' with { type: 'json' };

/** The browsers that the extension is built for. */
export const TARGETS = ['chrome', 'firefox'] as const;
export type Target = (typeof TARGETS)[number];

/** Names the extension in Firefox for ever: what users have stored belongs to this ID. */
const GECKO_ID = 'peerport@peerport';

export function manifestFor(target: Target) {
  return target === 'chrome' ? manifest : firefoxManifest();
}

function firefoxManifest() {
  const {
    minimum_chrome_version: _version,
    // Firefox's runtime messages are structured clones without it.
    message_serialization: _serialization,
    // Firefox reads the schema of managed storage from nowhere.
    storage: _storage,
    permissions,
    web_accessible_resources: resources,
    ...common
  } = manifest;
  return {
    ...common,
    permissions: permissions.filter((permission) => permission !== 'offscreen'),
    // The address that a frame is loaded from is secret in Firefox: it differs from one installation to the next.
    web_accessible_resources: resources.map(({ use_dynamic_url: _dynamic, ...rest }) => rest),
    background: { scripts: ['extension/event-page/index.ts'], type: 'module' },
    // Firefox's own policy would turn `ws:` into `wss:`, and so reach no PeerServer that speaks without TLS.
    content_security_policy: { extension_pages: "script-src 'self'; object-src 'none'" },
    browser_specific_settings: {
      gecko: {
        id: GECKO_ID,
        // The first whose sender records name the document.
        strict_min_version: '153.0',
        data_collection_permissions: { required: ['none'] },
      },
    },
  };
}
