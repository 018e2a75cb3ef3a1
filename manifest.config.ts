// Derives each browser's manifest. manifest.json is the Chrome form, with source paths. The Firefox form is derived from it.
import manifest from './manifest.json' with { type: 'json' };

/** The browsers that the extension is built for. */
export const TARGETS = ['chrome', 'firefox'] as const;
export type Target = (typeof TARGETS)[number];

/** The extension's permanent ID in Firefox: the users' stored data belongs to it. */
const GECKO_ID = 'peerport@peerport';

export function manifestFor(target: Target) {
  return target === 'chrome' ? manifest : firefoxManifest();
}

function firefoxManifest() {
  const {
    minimum_chrome_version: _version,
    // Not needed in Firefox, whose runtime messages are always structured clones.
    message_serialization: _serialization,
    // Firefox does not read a schema of managed storage.
    storage: _storage,
    permissions,
    web_accessible_resources: resources,
    ...common
  } = manifest;
  return {
    ...common,
    permissions: permissions.filter((permission) => permission !== 'offscreen'),
    // No `use_dynamic_url`: in Firefox the extension's addresses are secret anyway, because they differ between installations.
    web_accessible_resources: resources.map(({ use_dynamic_url: _dynamic, ...rest }) => rest),
    background: { scripts: ['extension/event-page/index.ts'], type: 'module' },
    // Firefox's default policy upgrades `ws:` to `wss:`, which cannot reach a PeerServer without TLS.
    content_security_policy: { extension_pages: "script-src 'self'; object-src 'none'" },
    browser_specific_settings: {
      gecko: {
        id: GECKO_ID,
        // The first version whose sender records contain `documentId`.
        strict_min_version: '153.0',
        data_collection_permissions: { required: ['none'] },
      },
    },
  };
}
