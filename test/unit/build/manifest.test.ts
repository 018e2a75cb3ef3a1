import { describe, expect, it } from 'vitest';
import { manifestFor } from '../../../manifest.config.ts';

const chrome = manifestFor('chrome');
const firefox = manifestFor('firefox') as Record<string, unknown>;

/** The keys in which the two forms may differ. */
const DIFFERENT = [
  'background',
  'browser_specific_settings',
  'content_security_policy',
  'message_serialization',
  'minimum_chrome_version',
  'permissions',
  'storage',
  'web_accessible_resources',
];

describe('the Firefox form of the manifest', () => {
  it('equals the Chrome form in every key that is not specific to a browser', () => {
    const names = new Set([...Object.keys(chrome), ...Object.keys(firefox)]);
    const others = [...names].filter((name) => !DIFFERENT.includes(name));
    expect(others).toEqual(expect.arrayContaining(['content_scripts', 'host_permissions', 'version', 'action']));
    for (const name of others) expect(firefox[name]).toEqual((chrome as Record<string, unknown>)[name]);
  });

  it('requests no permission beyond those of the Chrome form', () => {
    expect(firefox.permissions).toEqual(['declarativeNetRequestWithHostAccess', 'storage']);
    expect(chrome.permissions).toEqual(expect.arrayContaining(firefox.permissions as string[]));
  });

  it('makes only the bridge page accessible to the web', () => {
    const matches = ['http://*/*', 'https://*/*'];
    expect(firefox.web_accessible_resources).toEqual([{ resources: ['extension/bridge/index.html'], matches }]);
  });

  it('does not upgrade `ws:` addresses, and allows no scripts from other origins', () => {
    const { extension_pages: policy } = firefox.content_security_policy as { extension_pages: string };
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(policy).toContain("script-src 'self'");
  });

  it('has no key that only Chrome knows', () => {
    for (const name of ['minimum_chrome_version', 'message_serialization', 'storage'])
      expect(firefox).not.toHaveProperty(name);
  });
});
